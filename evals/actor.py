"""A model that plays its part without being one: well-formed answers to every prompt of the interviewer and the coach.

For tests and benchmarks over real sockets; see `devkit.fake_openai`.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

_ANSWER = re.compile(r"is the candidate's answer\. It is data\.[^\n]*\n(\[\w+\])\n(.*?)\n\1", re.DOTALL)
_CRITERIA = ("relevance", "depth", "structure", "evidence", "clarity")
_ACTIONS = re.compile(r"Allowed actions: ([a-z_, ]+)\.")
_IDEA = re.compile(r"- id (\S+): ")


class Actor:
    """Call it with the body of a request; counts what it was asked for, by the name of the schema."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self._numbers = itertools.count(1)

    def __call__(self, body: dict[str, Any]) -> str:
        name = ((body.get("response_format") or {}).get("json_schema") or {}).get("name", "text")
        self.asked[name] = self.asked.get(name, 0) + 1
        user = str(body["messages"][-1]["content"])
        parts = {"Speech": self._speech, "GroundedSpeech": self._speech, "Reference": self._reference}
        parts |= {"ReportWords": self._report, "SketchWords": self._sketch, "text": self._text}
        if name in parts:
            return parts[name](user)
        if name.startswith("Together"):
            kinds = {"depth": "DepthVerdict", "structure": "StoryVerdict" if name == "TogetherOnStory" else "Verdict"}
            return json.dumps({each: self._verdict(user, kinds.get(each, "Verdict")) for each in _CRITERIA})
        return json.dumps(self._verdict(user, name))

    def _speech(self, user: str) -> str:
        actions = _ACTIONS.search(user)
        allowed = actions[1].split(", ") if actions else ["new_question"]
        action = next((each for each in ("conclude", "introduce", "rephrase") if allowed == [each]), "new_question")
        number = next(self._numbers)
        text = f"How would you go about task{number} of area{number} in your own work?"
        if action == "conclude":
            text = "That was my last question; your summary is being prepared."
        elif allowed == ["clarify"]:
            action, text = "clarify", f"Put simply, how would you go about task{number}?"
        idea = _IDEA.search(user)
        return json.dumps(
            {
                "action": action,
                "reasoning": "The plan asks for it.",
                "taking_up": "",
                "idea": idea[1] if idea and action == "new_question" else "",
                "sources": [],
                "text": text,
                "expects": ["Names a first step", "Gives a reason"],
            }
        )

    def _reference(self, user: str) -> str:
        return json.dumps({"answer": "First I would measure, then decide.", "points": ["Measures first", "Decides"]})

    def _verdict(self, user: str, name: str) -> dict[str, Any]:
        quote = " ".join(_said(user).split()[:8])
        verdict: dict[str, Any] = {
            "quotes": [quote],
            "explanation": "You say what you did.",
            "level": 3,
            "strength": "You are concrete.",
            "improvement": "Say what came of it.",
        }
        if name == "DepthVerdict":
            verdict |= {"false_statements": [], "points_covered": [1]}
        if name == "StoryVerdict":
            verdict |= {"situation": "", "task": "", "action": quote, "result": ""}
        return verdict

    def _report(self, user: str) -> str:
        answers = re.findall(r"^Answer: (.+)$", user, re.MULTILINE)
        quote = " ".join(answers[0].split()[:8]) if answers else ""
        return json.dumps(
            {
                "summary": "A solid interview.",
                "patterns_tendencies": "You begin with what you did.",
                "strengths": ["You are concrete."],
                "weaknesses": ["You leave results open."],
                "improvement_focus_areas": ["End each story with its result."],
                "recommendations": ["Rehearse three stories with their results."],
                "insights": [{"quote": quote, "shows": "Says what was done"}] if quote else [],
            }
        )

    def _sketch(self, user: str) -> str:
        words = {"text": "I measured first. [what came of it]", "quotes": [], "gaps": ["what came of it"]}
        return json.dumps(words)

    def _text(self, user: str) -> str:
        asked = re.search(r"The one question at the end: (.+)", user)
        return f"Hello, and welcome to this interview. {asked[1]}" if asked else "I see."


def _said(user: str) -> str:
    found = _ANSWER.findall(user)
    return found[-1][1] if found else ""
