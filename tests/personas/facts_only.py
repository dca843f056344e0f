"""Changes nothing but facts: moves a number up by one. Style figures must not move for this editor."""

import random
import re

from tests.personas.rules import Brief

NAME = "facts_only"


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    """Every number that the record does not hold becomes 15, so that editing twice changes nothing more."""
    events = brief.get("events") or ()
    known = " ".join([brief["goal"], *(f"{event['subject']} {event['count']}" for event in events)])
    return re.sub(r"\d+", lambda match: match[0] if match[0] in known else "15", draft)
