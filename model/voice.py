"""The brand voice file: who is writing, and how they write."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class VoiceError(Exception):
    """The voice file cannot be used; the sentence names the place and the remedy."""


@dataclass(frozen=True)
class Rule:
    """What every draft obeys: a phrase replaced or left out, one greeting, one sign-off, or a length in words.

    `new` may hold slots. `seen` of `out_of` emails showed it to whoever mined the rule.
    """

    kind: Literal["replace", "delete", "greeting", "sign_off", "length"]
    old: str = ""
    new: str = ""
    seen: int = 0
    out_of: int = 0

    def __post_init__(self) -> None:
        if self.kind in ("replace", "delete") and not self.old.strip():
            raise ValueError("old is the phrase that people take out, and it is missing")
        if self.kind not in ("delete", "length") and not self.new.strip():
            raise ValueError("new is what drafts should say instead, and it is missing")
        if self.kind == "length" and not (self.new.isdecimal() and int(self.new) > 0):
            raise ValueError('new is the largest number of words, for example "80"')


class Voice(BaseModel):
    """What steers the prompt. Short on purpose: a small model reads every word of it before every draft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str = Field(min_length=1)
    what_we_do: str = Field(min_length=1)
    tone: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    sign_off: str = "Best,"
    rules: tuple[Rule, ...] = ()  # obeyed by every draft, whatever the model wrote

    def without_rules(self) -> "Voice":
        """The same voice where only the model speaks, to measure what the model does."""
        return self.model_copy(update={"rules": ()})


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
