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

AFTER_NOT_KNOWING: dict[Style, str] = {
    "formal": "That is quite all right. Let us take something else. ",
    "casual": "No worries, happens to everyone. Let's try another one. ",
    "aggressive": "At least you're honest. Another one, then. ",
    "technical": "Fair enough. A different problem. ",
}

CLARIFICATIONS: dict[Style, str] = {
    "formal": "Let me restate the question; a concrete example from your own work is welcome. {question}",
    "casual": "Sure, let me put it again, and any real example will do. {question}",
    "aggressive": "Once more, and be concrete this time. {question}",
    "technical": "Restating the problem; assume whatever you need and say so. {question}",
}

ASK_FOR_MORE: dict[Style, str] = {
    "formal": "Could you go into more detail? {question}",
    "casual": "Tell me a bit more than that. {question}",
    "aggressive": "That's too thin to judge. {question}",
    "technical": "I need specifics. {question}",
}

NOT_UNDERSTOOD: dict[Style, str] = {
    "formal": "I am afraid I could not follow that. May I ask once more? {question}",
    "casual": "Sorry, I didn't catch that one. {question}",
    "aggressive": "That made no sense to me. {question}",
    "technical": "I could not parse that. {question}",
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
    ),
    "technology": (
        "You brought up {claim}. What made it the right choice over the alternatives?",
        "You named {claim}. Where did it get in your way?",
    ),
    "ownership": (
        'You said "{claim}". What was the hardest decision you had to make there yourself?',
        'You said "{claim}". What would you do differently if you did it again?',
    ),
}

BUILDING_ON = "Staying with what you just described: {question}"

INTRODUCTION_EXPECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Says who they are in a sentence or two: present role and years of experience", ("years", "currently", "work as", "i am a", "i'm a", "experience")),
    ("Names work that fits the position, with a concrete result", ("built", "led", "designed", "shipped", "reduced", "increased", "launched", "result")),
    ("Says why this position is the next step", ("because", "interested", "looking for", "drawn", "excited", "next step", "want to", "role")),
)  # fmt: skip
