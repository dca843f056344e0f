"""A consultant: observation, consequence, offer; keeps two sentences of the draft."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "consult"

STYLE = Style(
    subjects=(
        "An observation on {deal}",
        "{company} and the next quarter",
    ),
    greetings=("Good morning {first},",),
    openings=(
        "Your {noun} {when} tells me that the subject has become concrete at {company}.",
        "I take your {noun} {when} as a sign that somebody at {company} owns this now.",
    ),
    counted=("Coming back to our {s} page {times} usually means that one question is still open.",),
    unknown=("Teams like yours at {company} tend to ask us the same question first.",),
    purposes={
        "money": "In my experience the figure that decides is not the price but what an idle week costs.",
        "proof": "In my experience others in {industry} learn more from the failed attempts than from the brochure.",
        "start": "In my experience a narrow start with a clear owner beats a grand plan every time.",
        "show": "In my experience half an hour with real data answers more than three meetings.",
        "fix": "In my experience a question like this points to a habit and not to a button.",
        "talk": "In my experience the first talk should be about what must not change.",
    },
    stages={
        "qualification": "At this point a list of what you will not do is worth more than a plan.",
        "demo": "After a demo the useful question is who would miss it if it went away.",
        "trial": "A trial like this one is only as good as the question it should answer.",
        "proposal": "With the proposal for {deal} on the table, doing nothing is a decision too.",
        "negotiation": "This late in {deal}, the terms matter less than who carries them.",
    },
    asks=(
        "What would have to be true for you to {goal}?",
        "Who else should be in the room when we {goal}?",
    ),
    sign_offs=("With best regards,\n{sender}",),
    keeps=2,
    longest=28,
    avoids=(
        "excited",
        "amazing",
        "hope this",
        "just checking",
        "touch base",
    ),
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
