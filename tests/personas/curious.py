"""Friendly, contractions, two questions, keeps one sentence of the draft."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "curious"
FIRES = 0.8  # a weak editor: lets about one change in five go

STYLE = Style(
    subjects=(
        "What did you make of it?",
        "Curious about {company}",
    ),
    greetings=(
        "Hi {first}!",
        "Hi there {first}!",
    ),
    openings=(
        "You {did} {when}. What made you do it?",
        "I'm curious: you {did} {when}. What were you after?",
    ),
    counted=("I'm curious: {times} on our {s} page. What didn't we answer?",),
    unknown=("I'm curious how things run at {company}.",),
    purposes={
        "money": "We'd rather lose a deal than surprise you with an invoice, so here's everything up front.",
        "proof": "There's a crew in {industry} who'd love to tell you what they'd do differently.",
        "start": "Let's pick one corner of {company} and see what happens.",
        "show": "It's more fun live, so bring the messiest example you've got.",
        "fix": "That one bugs us as well, so let's look at it together.",
        "talk": "No agenda here, we're just keen to learn how you work.",
    },
    stages={
        "qualification": "Still early, so tell us what'd make you say no.",
        "demo": "Which bit of the demo have you already forgotten?",
        "trial": "What's the first thing that annoyed you in the trial?",
        "proposal": "What'd you cross out first in our offer?",
        "negotiation": "What's the one thing you'd still change?",
    },
    asks=(
        "Shall we {goal}?",
        "How about we {goal}, say next week?",
    ),
    sign_offs=(
        "See you,\n{sender}",
        "Talk soon,\n{sender}",
    ),
    keeps=1,
    longest=20,
    avoids=(
        "dear",
        "regards",
        "kindly",
        "do not",
        "i am",
    ),
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
