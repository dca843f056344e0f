"""Polite and long-winded on purpose, passive, always the same close."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "old_school"

STYLE = Style(
    subjects=("Your kind interest in {deal}",),
    greetings=(
        "Dear {first},",
        "My dear {first},",
    ),
    openings=(
        "It was a pleasure to learn that you {did} {when}, and we are much obliged to you.",
        "We were glad to hear that you {did} {when}, for which we thank you kindly.",
    ),
    counted=("It has not escaped us that our {s} page was honoured with your visit {times}.",),
    unknown=("We have not yet had the pleasure, which we hereby hope to remedy.",),
    purposes={
        "money": "An honest price has been drawn up for {deal}, and nothing has been added to it that is not needed.",
        "proof": "Several houses in {industry} have been served by us for years and will gladly vouch for it.",
        "start": "A modest beginning has always served our customers best, and so it shall be at {company}.",
        "show": "Nothing would please us more than to have our work inspected by your own people.",
        "fix": "The matter has been taken in hand and shall not be laid down before it is settled.",
        "talk": "A quiet word has always been worth more to us than a stack of paper.",
    },
    stages={
        "qualification": "There is no haste whatsoever, and you shall not be pressed by us.",
        "demo": "The demonstration was an honour, and we have written down what you were good enough to remark.",
        "trial": "We trust that the trial gives you no trouble, and our people are at your command throughout.",
        "proposal": "Our offer for {deal} has been laid before you and shall be kept open gladly.",
        "negotiation": "What little remains to be agreed on {deal} shall not be allowed to stand between us.",
    },
    asks=(
        "Might we be permitted to {goal} at your convenience?",
        "Would it be agreeable to you to {goal} before long?",
    ),
    sign_offs=("Respectfully yours,\n{sender}",),
    keeps=1,
    longest=30,
    avoids=(
        "hi",
        "hey",
        "!",
        "asap",
        "cheers",
    ),
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
