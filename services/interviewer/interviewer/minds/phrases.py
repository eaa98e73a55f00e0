"""What the scripted interviewer says around its questions, by style. Each tuple offers choices of equal weight."""

from __future__ import annotations

from contracts.interview import Style

INTRODUCTIONS: dict[Style, tuple[str, ...]] = {
    "formal": (
        "Good day, and thank you for joining this interview for the position of {role}{company}. I will ask you a "
        "series of questions and take up what you say. To begin, would you please introduce yourself and tell me what "
        "draws you to this position?",
        "Welcome to your interview for the position of {role}{company}. Please take the time you need for each answer. "
        "Would you start by telling me about your background and why this role interests you?",
    ),
    "casual": (
        "Hi, good to meet you! We'll just have a chat about the {role} role{company} and the things you've worked on. "
        "How about you start by telling me a bit about yourself?",
        "Hey, thanks for making the time! I'd love to get to know you for the {role} position{company}. What should I "
        "know about you and the work you enjoy?",
    ),
    "aggressive": (
        "Let's get straight to it. You want to be our {role}{company}, and I have spoken with several strong people "
        "already. Why should I keep talking to you?",
        "I have limited time and high standards for the {role} position{company}. Who are you, and what have you done "
        "that matters here?",
    ),
    "technical": (
        "Hello. This is a technical interview for {role}{company}; I care about how things work and why you chose them. "
        "To start, which system that you built or ran says the most about you as an engineer?",
        "Welcome to the technical interview for {role}{company}. Expect me to ask for details. Could you begin with your "
        "background and the hardest technical problem you have solved?",
    ),
}

TRANSITIONS: dict[Style, tuple[str, ...]] = {
    "formal": ("Thank you. ", "Understood. ", "Let us turn to another subject. ", ""),
    "casual": ("Got it. ", "Nice, let's switch gears. ", "Cool. ", ""),
    "aggressive": ("Fine. ", "Moving on. ", "Let's see about this one. ", ""),
    "technical": ("Noted. ", "Next problem. ", "Okay. ", ""),
}

AFTER_NOT_KNOWING: dict[Style, tuple[str, ...]] = {
    "formal": (
        "That is quite all right. Let us take something else. ",
        "Thank you for saying so. Here is a different question. ",
    ),
    "casual": (
        "No worries, happens to everyone. Let's try another one. ",
        "All good, we'll leave that one. ",
    ),
    "aggressive": ("At least you're honest. Another one, then. ", "That's a gap. Let's see about the next one. "),
    "technical": ("Fair enough. A different problem. ", "All right, leaving that one open. "),
}

CLARIFICATIONS: dict[Style, tuple[str, ...]] = {
    "formal": (
        "Let me restate the question; a concrete example from your own work is welcome. {question}",
        "Of course, I will put it once more; please assume whatever seems reasonable to you. {question}",
    ),
    "casual": (
        "Sure, let me put it again, and any real example will do. {question}",
        "No problem, here it is again; just take it the way it makes sense to you. {question}",
    ),
    "aggressive": (
        "Once more, and be concrete this time. {question}",
        "I'll say it one more time; fill the gaps yourself. {question}",
    ),
    "technical": (
        "Restating the problem; assume whatever you need and say so. {question}",
        "Again; missing constraints are yours to choose, so name them. {question}",
    ),
}

ASK_FOR_MORE: dict[Style, tuple[str, ...]] = {
    "formal": ("Please go into more detail. {question}", "I would like to hear more than that, please. {question}"),
    "casual": ("Tell me a bit more than that. {question}", "Give me a little more to go on. {question}"),
    "aggressive": ("That's too thin to judge. {question}", "You'll need more than that. {question}"),
    "technical": ("I need specifics. {question}", "That is too little to work with. {question}"),
}

NOT_UNDERSTOOD: dict[Style, tuple[str, ...]] = {
    "formal": (
        "I am afraid I could not follow that. Let me ask once more. {question}",
        "I am sorry, I did not understand your answer. {question}",
    ),
    "casual": ("Sorry, I didn't catch that one. {question}", "Hm, that got lost on the way to me. {question}"),
    "aggressive": ("That made no sense to me. {question}", "I can't do anything with that. {question}"),
    "technical": ("I could not parse that. {question}", "That was not readable for me. {question}"),
}

CLOSINGS: dict[Style, tuple[str, ...]] = {
    "formal": (
        "Thank you, that was my last question. I appreciate the time you took for your answers. Your feedback and a "
        "summary are being prepared.",
    ),
    "casual": ("That's it from me, thanks a lot for the chat! Your feedback and a summary are on the way.",),
    "aggressive": ("We're done here. You'll find out how you did: your feedback and a summary are being prepared.",),
    "technical": ("That concludes the technical interview. Your feedback and a summary are being prepared.",),
}

TAKING_UP = {
    "number": (
        "You mentioned {claim}. How did you measure that?",
        "You put it at {claim}. What drove that figure more than anything else?",
        "About the {claim} you named: what would have made that figure better still?",
    ),
    "technology": (
        "You brought up {claim}. What made it the right choice over the alternatives?",
        "You named {claim}. Where did it get in your way?",
        "About {claim}: what would somebody new to it have to know first?",
    ),
    "ownership": (
        "You said {claim}. What was the hardest decision you had to make there yourself?",
        "Let me take up {claim}. What would you do differently if you did it again?",
        "In your words, {claim}. Where did it nearly go wrong?",
    ),
}
"""A claim of ownership is a clause and comes in quotation marks; the others are names and numbers."""

BUILDING_ON = (
    "Staying with what you just described: {question}",
    "To go one level deeper: {question}",
    "One more thing on that: {question}",
)

ENGLISH_ONLY = "Please note that this interviewer's questions are in English only."
NO_ROLE = "generalist"
"""Stands for a role that was not named: it fits every sentence that a role is spoken of in."""

INTRODUCTION_EXPECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Says who they are in a sentence or two: present role and years of experience", ("years", "currently", "work as", "i am a", "i'm a", "experience")),
    ("Names work that fits the position, with a concrete result", ("built", "led", "designed", "shipped", "reduced", "increased", "launched", "result")),
    ("Says why this position is the next step", ("because", "interested", "looking for", "drawn", "excited", "next step", "want to", "role")),
)  # fmt: skip
