"""The brand voice file: who is writing, how they write, and what their emails must and must not say."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from model.slots import SLOT
from model.yaml_file import read_into, written

DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[^\W\d_]{2,}|xn--[a-z0-9-]+)", re.IGNORECASE)
FORM_SLOTS = ("first_name", "last_name", "company", "sender", "sender_name")


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


def _form(text: str) -> str:
    unknown = next((slot[0] for slot in SLOT.finditer(text) if slot[1] not in FORM_SLOTS), None)
    if unknown:
        raise ValueError(f"{unknown} is no slot here. Use {', '.join('{{' + name + '}}' for name in FORM_SLOTS)}")
    return text


def _domain(text: str) -> str:
    if not DOMAIN.fullmatch(text):
        raise ValueError("it has to be a bare domain. Write it like example.com, without https:// and without a path")
    return text.lower()


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Form = Annotated[Text, AfterValidator(_form)]  # may hold {{first_name}}, {{sender}} and the like
Domain = Annotated[Text, AfterValidator(_domain)]
Language = Literal["en", "de", "fr", "es", "nl"]  # those that model/reading.py can tell apart


class Length(BaseModel):
    """The most that is allowed; None allows any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: PositiveInt | None = None  # of the body
    sentence_words: PositiveInt | None = None
    subject_words: PositiveInt | None = None


class Voice(BaseModel):
    """What steers the prompt, what drafts obey, and what checks hold them against.

    The prompt reads company, what_we_do, tone, avoid and, as far as there is room, dos and donts: a small model reads
    every word of that before every draft. The rest is obeyed and checked without a model. What is not set is not
    checked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str = Field(min_length=1)
    what_we_do: str = Field(min_length=1)
    tone: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    sign_off: str = "Best,"
    dos: tuple[Text, ...] = ()  # sentences as they should be
    donts: tuple[Text, ...] = ()  # and as they should not
    banned: tuple[Text, ...] = ()  # left out of every draft
    replace: dict[Text, Text] = Field(default_factory=dict)  # term → what drafts say instead
    openers: tuple[Text, ...] = ()  # how no email may begin after its greeting
    greetings: tuple[Form, ...] = ()
    sign_offs: tuple[Form, ...] = ()
    length: Length = Length()
    reading_grade: PositiveFloat | None = None  # the most school years a reader needs, after Flesch and Kincaid
    one_question: bool = False  # one call to action
    claims_allowed: tuple[Text, ...] = ()
    claims_forbidden: tuple[Text, ...] = ()
    links: tuple[Domain, ...] = ()  # where links may lead, subdomains included
    footer: str = ""
    address: str = ""  # by post
    languages: tuple[Language, ...] = ()
    rules: Annotated[tuple[Rule, ...], Field(validate_default=True)] = ()  # obeyed, whatever the model wrote

    @field_validator("rules")
    @classmethod
    def _with_terms(cls, rules: tuple[Rule, ...], info: ValidationInfo) -> tuple[Rule, ...]:
        """Terms to replace and to leave out are rules like any other."""
        replaced = [Rule("replace", old, new) for old, new in info.data.get("replace", {}).items()]
        terms = [*replaced, *(Rule("delete", term) for term in info.data.get("banned", ()))]
        return (*rules, *(rule for rule in terms if rule not in rules))

    def without_rules(self) -> "Voice":
        """The same voice where only the model speaks, to measure what the model does."""
        return self.model_copy(update={"rules": ()})


def parse(text: str, where: str) -> Voice:
    """A voice file's text as a voice. Raises FileMistake, which calls the file `where`."""
    return read_into(Voice, text, where)


def read(path: Path) -> Voice:
    """The voice file at `path`; FileMistake if it is missing or wrong."""
    return parse(text_of(path), str(path))


def text_of(path: Path) -> str:
    """The text of the voice file at `path`; FileMistake if it cannot be read."""
    return written(path, "Put a voice file there; bot/sample/voice.yml is an example.")
