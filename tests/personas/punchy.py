"""Very short lines, a P.S., no small talk."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "punchy"

STYLE = Style(
    subjects=(
        "{goal}?",
        "Quick one for {company}",
    ),
    greetings=(
        "Hey {first},",
        "Hi {first} -",
    ),
    openings=(
        "You {did} {when}? Nice.",
        "So you {did} {when}. Good move.",
    ),
    counted=("{times} on our {s} page. Something is missing there.",),
    unknown=("Cold email, I know.",),
    purposes={
        "money": "Price first, then everything else.",
        "proof": "Steal what worked for others in {industry}.",
        "start": "Start small, break nothing.",
        "show": "No slides. Your data. Twenty minutes.",
        "fix": "Let us kill that problem.",
        "talk": "Ten minutes, zero pitch.",
    },
    stages={
        "qualification": "Early? Perfect.",
        "demo": "You saw it work.",
        "trial": "Trial's on. Push every button.",
        "proposal": "The offer is on your desk.",
        "negotiation": "One last knot to untie.",
    },
    asks=(
        "Up for it: {goal}?",
        "Worth a try: {goal}?",
    ),
    sign_offs=("Cheers,\n{sender}",),
    avoids=(
        "regards",
        "hope",
        "please",
    ),
    last_line="P.S. A plain no is fine too.",
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
