# ruff: noqa: E501 (a table reads best with one line per row)
"""Warm and a little longer, keeps a good sentence of the draft."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "warm"

STYLE = Style(
    subjects=(
        "Good to see you at work on {deal}",
        "A thought for {company}",
    ),
    greetings=(
        "Hello {first},",
        "Good day {first},",
    ),
    openings=(
        "Thank you for {doing} {when}, it made our week.",
        "How kind of you to spend time on this {when}: thank you for {doing}.",
    ),
    counted=("Thank you for coming back to our {s} page {times}, that is a compliment.",),
    unknown=("We have not met yet, and I would love to change that.",),
    purposes={
        "money": "I know that budgets are never easy, so I would like to go through every line together and leave out what you do not need.",
        "proof": "There is a team in {industry} with a story very close to yours, and they are happy to share what went wrong as well.",
        "start": "We would hold your hand in the first weeks, one step after the other, until everybody at {company} feels at home.",
        "show": "I would love to show you around at your own pace, with your own people in the room and no slides at all.",
        "fix": "Nobody should be left alone with an open question, so our engineer and I will stay with you until it is settled.",
        "talk": "I would simply enjoy hearing how things are going at {company} and where we could take some work off your shoulders.",
    },
    stages={
        "qualification": "It is early days for {deal}, so please take all the time you like.",
        "demo": "It was a joy to show you around, and I am still thinking of your good questions.",
        "trial": "I do hope that the first days with {deal} feel light rather than like homework.",
        "proposal": "Our proposal is in your hands now, and every part of it may still be changed.",
        "negotiation": "We are nearly there, and I would hate for a small detail to spoil the mood.",
    },
    asks=(
        "Would you have a moment to {goal} in the coming days?",
        "Shall we find a quiet hour to {goal}?",
    ),
    sign_offs=("Warm wishes,\n{sender}",),
    keeps=1,
    longest=26,
    avoids=(
        "asap",
        "leverage",
        "synergy",
        "best-in-class",
        "hope this email finds you",
    ),
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
