"""The brand voice file: who is writing, and how they write."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class VoiceError(Exception):
    """The voice file cannot be used; the sentence names the place and the remedy."""


class Voice(BaseModel):
    """What steers the prompt. Short on purpose: a small model reads every word of it before every draft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str = Field(min_length=1)
    what_we_do: str = Field(min_length=1)
    tone: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    sign_off: str = "Best,"


def parse(text: str, where: str) -> Voice:
    """Read a voice file's text.

    Raises VoiceError with `where`, line and column for broken YAML, and the field's name for a wrong value.
    """
    try:
        return Voice.model_validate(yaml.safe_load(text) or {})
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where
        raise VoiceError(f"{place}: {error.problem}. Correct it and load it again.") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise VoiceError(
            f"{where}, field {field or 'company'!r}: {first['msg']}. Correct it and load it again."
        ) from None


def read(path: Path) -> Voice:
    """The voice file at `path`; VoiceError if it is missing or wrong."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise VoiceError(
            f"{path}: {error.strerror}. Put a voice file there; bot/sample/voice.yml is an example."
        ) from None
