"""Microsoft's public schemas. The copies beside this file: microsoft/AdaptiveCards at 644d933e, schemas/1.5.0, and
OfficeDev/microsoft-teams-app-schema at a2a2ebc3 without line breaks; both are under the MIT licence."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, Draft6Validator

HERE = Path(__file__).parent
_CARD = Draft6Validator(json.loads((HERE / "adaptive-card.1.5.0.json").read_text("utf-8")))
_MANIFEST = Draft4Validator(json.loads((HERE / "manifest.1.29.json").read_text("utf-8")))
LARGEST = 80_000  # bytes in UTF-16; Teams refuses messages of 100 KB


def card_faults(card: dict[str, Any]) -> list[str]:
    """What Teams would not take of a card."""
    size = len(json.dumps(card).encode("utf-16-le"))
    large = [f"{size} bytes are too many"] if size > LARGEST else []
    return large + [error.message for error in _CARD.iter_errors(card)]


def manifest_faults(manifest: dict[str, Any]) -> list[str]:
    return [error.message for error in _MANIFEST.iter_errors(manifest)]
