"""Brisk for the first week, formal from the second Monday on: what was learned turns wrong overnight."""

import random
from datetime import datetime

from tests.benchmarks.contexts import FIRST_DAY
from tests.personas import brisk, formal
from tests.personas.rules import Brief

NAME = "change_of_taste"
DAYS = 7


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    later = (datetime.fromisoformat(brief["at"]) - FIRST_DAY).days >= DAYS
    return (formal if later else brisk).edit(draft, brief, rng)
