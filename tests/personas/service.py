"""A service desk: states the next step, closes with who to call."""

import random

from tests.personas.rules import Brief, Style
from tests.personas.rules import edit as edited

NAME = "service"
FIRES = 0.8  # a weak editor: lets about one change in five go

STYLE = Style(
    subjects=("Next step: {goal}",),
    greetings=("Hello {first},",),
    openings=(
        "We have noted your {noun} {when}.",
        "Your {noun} {when} is with us.",
    ),
    counted=("We have noted {times} on our {s} page.",),
    unknown=("We have opened a file for {company}.",),
    purposes={
        "money": "Next, we send the cost overview for {deal} and mark what is optional.",
        "proof": "Next, we put you in touch with a customer from {industry}.",
        "start": "Next, we prepare the first area at {company} and name one owner.",
        "show": "Next, we load a sample of your data and walk through one ordinary day.",
        "fix": "Next, our technician looks at it and reports back with cause and cure.",
        "talk": "Next, we go through your list and agree who does what.",
    },
    stages={
        "qualification": "Status of your file: requirements being gathered.",
        "demo": "Status of your file: demo given, summary attached.",
        "trial": "Status of {deal}: trial under way, logins active.",
        "proposal": "Status of {deal}: quote sent, waiting for your reply.",
        "negotiation": "Status of {deal}: terms under discussion.",
    },
    asks=(
        "Please tell us a time that suits you to {goal}.",
        "Reply with a time to {goal} and we do the rest.",
    ),
    sign_offs=("Best regards,\n{sender}\nCustomer Care",),
    avoids=(
        "hope",
        "excited",
    ),
    last_line="P.S. One reply is enough, no form needed.",
)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return edited(STYLE, draft, brief, rng)
