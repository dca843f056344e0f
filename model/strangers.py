"""The leak guard: what belongs to another customer must not stand in this one's email."""

from collections.abc import Iterable
from dataclasses import dataclass

from model.brief import Brief
from model.findings import Finding


@dataclass(frozen=True)
class Stranger:
    """What must not appear in an email to anybody else."""

    account: str
    first_name: str | None
    last_name: str | None
    email: str
    company: str | None
    deals: tuple[str, ...] = ()


class Strangers:
    """An index over a workspace's contacts, built once and asked for every draft."""

    def __init__(self, people: Iterable[Stranger] = ()) -> None:
        pass

    def leaks(self, text: str, brief: Brief) -> list[Finding]:
        """Names, companies, addresses and deals in the text that are somebody else's; they block."""
        return []


NOBODY = Strangers()
