"""Playbooks: what one kind of follow-up needs to know, says and must not say. One YAML each, in `model/playbooks`."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from model import required
from model.brief import Brief
from model.letter import letter
from model.slots import SLOT, fill, slotted
from model.yaml_file import FileMistake, meant, read_into, written

log = logging.getLogger(__name__)

DEFAULT = "sales_follow_up"
PACKAGED = Path(__file__).parent / "playbooks"
SLOTS = {  # what a required line may hold, and the fact that fills it
    "first_name": "contact.first_name",
    "last_name": "contact.last_name",
    "company": "company",
    "deal": "deal",
    "amount": "deal.amount",
    "close_date": "deal.close_date",
    "sender": "",  # always known
    "sender_name": "",
}


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise ValueError("it is no name. Use small letters, digits and _, such as trade_fair")
    return text


def _pattern(text: str) -> str:
    try:
        empty = re.compile(text).search("")
    except re.error as error:
        raise ValueError(f"it is no regular expression: {error}. A \\ before a sign means the sign itself.") from None
    if empty:
        raise ValueError("it would forbid every text. Say which words it is about")
    return text


def _line(text: str) -> str:
    for slot in SLOT.findall(text):
        if slot not in SLOTS:
            raise ValueError(f"it has the slot {slot!r}, which no record can fill. {meant(slot, list(SLOTS))}")
    return text


def _reasoned(patterns: Any) -> Any:
    """A plain list of patterns has no reasons."""
    return dict.fromkeys(patterns, "") if isinstance(patterns, (list, tuple)) else patterns


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(Shape):
    """One email of a sequence. `goal` may hold {goal}, what the whole sequence is for."""

    day: int = Field(ge=0)  # after the start
    goal: str = Field(min_length=1)


class Playbook(Shape):
    """One kind of follow-up. Patterns ignore case; a reason is a sentence for whoever wrote the text."""

    name: Annotated[str, AfterValidator(_name)]
    title: str = Field(min_length=1)
    when_to_use: str = ""
    instructions: str = Field(default="", max_length=300)  # for the prompt; a small model loses the thread in more
    requires: tuple[Annotated[str, AfterValidator(required.known)], ...] = ()  # without which nothing honest is written
    must_say: tuple[Annotated[str, AfterValidator(_line)], ...] = ()  # required lines; they may hold slots
    must_not_say: Annotated[
        dict[Annotated[str, AfterValidator(_pattern)], str], BeforeValidator(_reasoned)
    ] = {}  # regular expression → reason
    claims: tuple[str, ...] = ()  # commitments that are allowed, as phrases
    footer: bool = False  # whether the voice's footer is required
    goals: tuple[str, ...] = ()  # suggestions
    scored: bool = False  # whether a lead score belongs to its drafts
    steps: tuple[Step, ...] = ()  # of a sequence

    @field_validator("instructions")
    @classmethod
    def _as_trained(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("name") == DEFAULT:
            raise ValueError("it cannot be used: adapters learned the default without instructions. Take another name.")
        return value

    @field_validator("must_not_say")
    @classmethod
    def _consistent(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for line in info.data.get("must_say", ()):
            for pattern in value:
                if re.search(pattern, line, re.IGNORECASE):
                    raise ValueError(f"{pattern!r} forbids the required line {line!r}. Change one of them.")
        return value

    @field_validator("steps")
    @classmethod
    def _in_order(cls, value: tuple[Step, ...]) -> tuple[Step, ...]:
        days = [step.day for step in value]
        if days != sorted(set(days)):
            raise ValueError(f"the days are {', '.join(map(str, days))}. Put them in order, each once.")
        return value


PLAIN = Playbook(name=DEFAULT, title="Sales follow-up")


def read(path: Path) -> Playbook:
    """The playbook in a file; FileMistake if it is missing or wrong."""
    return read_into(Playbook, written(path, "Give the path of a playbook, a .yml file."), str(path))


class Playbooks(Mapping[str, Playbook]):
    """The packaged playbooks and those of the folders given, by name; later files win.

    Files are read again when they change. One with a mistake is refused, and logged, while the others and its own
    last good version stay in service. `mistakes` holds what is refused now.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._folders = (PACKAGED, *folders)
        self._read: dict[Path, tuple[tuple[int, int], Playbook | None, tuple[str, ...]]] = {}

    def __getitem__(self, name: str) -> Playbook:
        return self._current()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    @property
    def mistakes(self) -> list[str]:
        self._current()
        return [mistake for _, _, mistakes in self._read.values() for mistake in mistakes]

    def _current(self) -> dict[str, Playbook]:
        before, now = self._read, {}
        for path in (path for folder in self._folders for path in sorted(folder.glob("*.yml"))):
            state = path.stat()
            stamp, last = (state.st_mtime_ns, state.st_size), before.get(path)
            now[path] = last if last and last[0] == stamp else (stamp, *_attempt(path, last[1] if last else None))
        self._read = now
        return {book.name: book for _, book, _ in now.values() if book}


def _attempt(path: Path, last_good: Playbook | None) -> tuple[Playbook | None, tuple[str, ...]]:
    try:
        return read(path), ()
    except FileMistake as error:
        log.error("%s The other playbooks stay in service.", error)
        return last_good, error.mistakes


def missing(playbook: Playbook, brief: Brief) -> list[str]:
    """What the record lacks for an honest email, in words for a person: "the deal's stage"."""
    slots = (slot for line in playbook.must_say for slot in SLOT.findall(line))
    facts = dict.fromkeys([*playbook.requires, *(SLOTS[slot] for slot in slots if SLOTS[slot])])
    return [required.words(fact) for fact in facts if not required.holds(fact, brief)]


def required_lines(playbook: Playbook, brief: Brief) -> list[str]:
    """The lines that the email must hold, with this record's values."""
    return [fill(line, brief)[0] for line in playbook.must_say]


def finished_body(playbook: Playbook, brief: Brief, body: str) -> str:
    """The body with every required line that it lacks, a paragraph each, before the sign-off.

    So a disclaimer never depends on the model. A body that has them all stays as it is.
    """
    said = " ".join(body.split())
    absent = [line for line in required_lines(playbook, brief) if " ".join(line.split()) not in said]
    if not absent:
        return body
    parts = letter(slotted(body, brief))
    end = len(fill(parts.greeting + parts.middle, brief)[0])
    return "\n\n".join([body[:end].rstrip(), *absent]) + ("\n\n" if body[end:].strip() else "") + body[end:].lstrip()
