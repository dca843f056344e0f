"""Two editors of one team who disagree: which of them gets a draft cannot be known from the record."""

import random
from hashlib import sha256

from tests.personas import brisk, warm
from tests.personas.rules import Brief

NAME = "two_minds"


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    first = sha256(brief["contact"]["email"].encode()).digest()[0] % 2 == 0
    return (brisk if first else warm).edit(draft, brief, rng)
