"""What a column of an import file is, by which names it goes, and what a layout of such columns makes of a row."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic

from anyascii import anyascii

from storage.crm import cells
from storage.crm.local import date_order
from storage.crm.records import Row

Parse = Callable[..., Any]
# Columns that give one of these are all read, however many there are: a block in any of them is a block, and what is
# known of consent is kept whole.
BLOCKS = ("do_not_contact", "email_opt_out", "bounced")
TOGETHER = (*BLOCKS, "consent_basis")
# What an unknown header says about consent; the value then counts as a yes unless it is a no.
CONSENT = (
    ("bounced", re.compile("bounce|quarant|invalidemail|unzustellbar")),
    ("do_not_contact", re.compile("donotcontact|donotemail|donotmail|nichtkontakt|kontaktsperre|nepascontact")),
    ("email_opt_out", re.compile("optout|optedout|unsub|abgemeld|abmeld|desinscri|desabonn|widerspr")),
    ("consent_basis", re.compile("consent|optin(?!ip)|gdpr|dsgvo|rgpd|einwillig|legalbasis|rechtsgrundlage|donotcall")),
)


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    parse: Parse
    also: tuple[str, ...] = ()  # other names, folded as `folded` does
    required: bool = False  # the column must be there
    filled: bool = False  # and no cell of it may be empty
    says: Callable[[str], str | None] | None = None  # what one value tells about how the column is written
    gives: tuple[str, ...] = ()  # the record's fields, where they are others

    def written(self, convention: str | None) -> "Column":
        """The column, read by what is known of how it is written."""
        parse = self.parse
        return replace(self, parse=lambda text: parse(text, convention))


@dataclass(frozen=True)
class Layout(Generic[Row]):
    kind: str
    record: Callable[..., Row]
    columns: tuple[Column, ...]
    key: Callable[[Mapping[str, Any]], str]  # the source id of a row that has none
    prefixes: tuple[str, ...] = ()  # what a tool writes before " - " in a header of this kind

    @cached_property
    def filled(self) -> tuple[str, ...]:
        return tuple(column.field for column in self.columns if column.filled)

    def column(self, header: str) -> Column | None:
        before, dash, after = header.partition(" - ")
        name = folded(after if dash and folded(before) in self.prefixes else header)
        known = next((each for each in self.columns if name in (folded(each.field), *each.also)), None)
        return known or (_about_consent(header) if self.kind == "contacts" else None)

    def field(self, name: str) -> Column | None:
        return next((each for each in self.columns if each.field == name), None)

    def row(self, line: int, values: dict[str, Any]) -> Row:
        """Build the record; a missing or unusable whole raises ValueError."""
        for field in self.filled:
            if field not in values:
                raise ValueError(f'column "{field}" is empty; fill it in')
        if "source_id" not in values:
            values["source_id"] = self.key(values)
        return self.record(line=line, **values)


def _about_consent(header: str) -> Column | None:
    """What is said about consent is never passed over, whatever its column is called."""
    name = folded(header)
    field = next((field for field, pattern in CONSENT if pattern.search(name)), None)
    if field == "consent_basis":
        return may(field, lambda text: cells.line(f"{header}: {text}"))
    return may(field, cells.happened) if field else None


def folded(header: str) -> str:
    """A header as compared: plain letters and digits only, lower case."""
    return "".join(letter for letter in anyascii(header).lower() if letter.isalnum())


def digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def must(field: str, parse: Parse, *also: str) -> Column:
    return Column(field, parse, also, required=True, filled=True)


def may(field: str, parse: Parse, *also: str) -> Column:
    return Column(field, parse, also)


def dated(field: str, parse: Parse, *also: str, must: bool = False) -> Column:
    return Column(field, parse, also, required=must, filled=must, says=date_order)


def names(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())
