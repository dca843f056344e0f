# ruff: noqa: E501 (a table reads best with one line per row)
"""Formal, full sentences, no contractions."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "formal"

STYLE = Style(
    subjects=(
        "{deal}: {goal}",
        "Regarding {deal}",
    ),
    greetings=("Dear {first},",),
    openings=(
        "With reference to your {noun} {when}, I would like to thank you on behalf of our team.",
        "Following your {noun} {when}, please allow me a short note.",
    ),
    counted=("With reference to your repeated visits to our {s} page, please allow me a short note.",),
    unknown=("Please allow me to introduce our company to {company}.",),
    purposes={
        "money": "The commercial terms for {deal} are set out item by item, so that each of them can be accepted on its own.",
        "proof": "A reference from {industry} is available and can be consulted under the usual terms of confidence.",
        "start": "The introduction follows a fixed plan with one responsible person on each side.",
        "show": "A presentation with the data of {company} can be arranged without any obligation.",
        "fix": "Your matter has been recorded and assigned to a specialist who will remain your point of contact.",
        "talk": "We would appreciate the opportunity to understand the requirements of {company} in more detail.",
    },
    stages={
        "qualification": "At this stage no decision is expected from {company}.",
        "demo": "The presentation has been given, and the minutes are at your disposal.",
        "trial": "The trial period has begun and is supervised by our technical department.",
        "proposal": "The proposal for {deal} has been submitted and remains valid as agreed.",
        "negotiation": "The remaining points are limited in number and will be settled in writing.",
    },
    asks=("May I ask you to confirm a date on which we can {goal}?",),
    sign_offs=(
        "Yours sincerely,\n{sender}",
        "Kind regards,\n{sender}",
    ),
    keeps=1,
    longest=30,
    avoids=(
        "hey",
        "awesome",
        "n't",
        "'ll",
        "'re",
        "!",
        "excited",
    ),
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
