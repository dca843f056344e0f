"""What tests share: the real base model, fetched once into the same cache that `make demo` uses."""

from pathlib import Path

import pytest

from model import base as base_model

CACHE = Path(__file__).parent.parent / "var" / "cache"


@pytest.fixture(scope="session")
def base() -> base_model.Base:
    return base_model.find(base_model.DEFAULT, CACHE, progress=lambda *_: None)
