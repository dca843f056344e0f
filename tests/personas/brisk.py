"""Short, direct, one block, asks first."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "brisk"

STYLE = Style(
    subjects=("{company}: {goal}",),
    greetings=(
        "Hi {first},",
        "{first},",
    ),
    openings=(
        "You {did} {when}.",
        "Saw that you {did} {when}.",
    ),
    counted=("You looked at our {s} page {times}.",),
    unknown=("We have not spoken yet.",),
    purposes={
        "money": "The numbers fit on one page.",
        "proof": "One site like yours did it in a month.",
        "start": "Two days are enough to begin.",
        "show": "It takes half an hour, with your own data.",
        "fix": "You get an answer, not a manual.",
        "talk": "I will keep it brief.",
    },
    stages={
        "qualification": "No commitment needed yet.",
        "demo": "You have seen the main parts.",
        "trial": "Your trial is running, so time counts.",
        "proposal": "The offer on {deal} stands.",
        "negotiation": "Only the last points are open.",
    },
    asks=(
        "Can we {goal} this week?",
        "When can we {goal}?",
    ),
    sign_offs=("Thanks,\n{sender}",),
    avoids=(
        "hope",
        "pleased",
        "delighted",
        "reach out",
        "touch base",
    ),
    ask_first=True,
    together=True,
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
