"""Finds nothing to change. A bot that learns from this editor must stay as it is."""

import random

from tests.personas.rules import Brief

NAME = "identity"


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    return draft
