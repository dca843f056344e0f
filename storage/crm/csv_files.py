"""CRM and email CSV exports, read one row at a time. A bad row becomes a Reject; it never stops the file.

table = open_contacts(Path("contacts.csv"), zone=ZoneInfo("Europe/Berlin"))
for row in table.rows():
    ...  # ContactRow or Reject
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from storage.crm import cells, csv_text, layouts, tools
from storage.crm.columns import TOGETHER, Column, Layout, folded
from storage.crm.csv_text import CrmFileError, CsvText, Record
from storage.crm.local import date_order
from storage.crm.records import CompanyRow, ContactRow, DealRow, EmailRow, EventRow, Reject, Row, Table

RAW_LIMIT = 2000
LOOKED_AT = 1000  # rows that show whether a column is written in a country's way
ALIKE_EVERYWHERE = re.compile(r"\d{4}-\d\d-\d\d.*|[0-9]+(?:\.[0-9]{1,2})?", re.DOTALL)


class MissingColumn(CrmFileError):
    def __init__(self, path: Path, column: Column, found: Sequence[str]) -> None:
        self.column = column.field
        self.found = tuple(found)
        listed = ", ".join(found)
        remedy = f"the columns found are: {listed}; if one of them is meant, say so in a mapping file"
        super().__init__(path, f'the required column "{column.field}" is missing; {remedy}')


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a person said about a file: our field → their column, and whether its dates begin with the day or month."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: str | None = None


def open_companies(path: Path, *, mapped: Mapped = Mapped()) -> Table[CompanyRow]:
    return open_csv(path, layouts.companies(), mapped)


def open_contacts(path: Path, *, zone: tzinfo, mapped: Mapped = Mapped()) -> Table[ContactRow]:
    return open_csv(path, layouts.contacts(zone), mapped)


def open_deals(path: Path, *, mapped: Mapped = Mapped()) -> Table[DealRow]:
    return open_csv(path, layouts.deals(), mapped)


def open_events(path: Path, *, zone: tzinfo, mapped: Mapped = Mapped()) -> Table[EventRow]:
    return open_csv(path, layouts.events(zone), mapped)


def open_email_csv(path: Path, *, zone: tzinfo) -> Table[EmailRow]:
    return open_csv(path, layouts.emails(zone), Mapped())


@dataclass(frozen=True, slots=True)
class _Taken:
    """One column of the file that is read, and as what."""

    at: int
    header: str
    column: Column


def open_csv(path: Path, layout: Layout[Row], mapped: Mapped) -> Table[Row]:
    """Check the file and its header; raise CrmFileError where nothing could be read from it."""
    text = csv_text.read(path)
    header, lines = _header(text)
    tool = tools.recognised(header)
    taken, repeated = _taken(path, layout, header, _columns(path, layout, header, mapped, tool))
    found = {one.column.field for one in taken}
    for column in layout.columns:
        if column.required and column.field not in found:
            raise MissingColumn(path, column, header)
    conventions = _conventions(text, lines, taken, mapped)
    taken = [
        _Taken(one.at, one.header, one.column.written(conventions[one.at])) if one.column.says else one for one in taken
    ]
    used = {one.at for one in taken}
    return Table(
        path,
        text.lines,
        tuple(dict.fromkeys(name for one in taken for name in one.column.gives or (one.column.field,))),
        tuple(name for at, name in enumerate(header) if name and at not in used and name not in repeated),
        repeated,
        partial(_rows, text, layout, lines, len(header), taken),
        tool,
        {"utf-8-sig": "utf-8"}.get(text.encoding, text.encoding),
        tuple((one.header, one.column.field) for one in taken),
        tuple((header[at], _said(told)) for at, told in conventions.items() if told),
    )


def _said(convention: str) -> str:
    return {",": "decimal comma", ".": "decimal point"}.get(convention, f"{convention} first")


def _header(text: CsvText) -> tuple[list[str], int]:
    """The header's cells and the last line that it takes."""
    for record in text.records():
        if record.problem:
            raise CrmFileError(text.path, f"the header row cannot be read: {record.problem}")
        names = [cells.line(cells.cleaned(cell)) for cell in record.cells]
        return names, record.line + record.raw.rstrip("\r\n").count("\n")
    raise CrmFileError(text.path, "the file has no header row; export it again")


def _columns(
    path: Path, layout: Layout[Any], header: list[str], mapped: Mapped, tool: str | None
) -> list[tuple[Column | None, bool]]:
    """What each column of the file is, and whether a person said so."""
    means = tools.MEANS.get(tool or "", {})
    columns: list[tuple[Column | None, bool]] = []
    for name in header:
        other = means.get(folded(name.rpartition(" - ")[2]))
        columns.append(((layout.field(other) if other else None) or (layout.column(name) if name else None), False))
    for ours, theirs in mapped.columns.items():
        column = layout.field(ours)
        if column is None:
            known = ", ".join(dict.fromkeys(each.field for each in layout.columns))
            raise CrmFileError(
                path, f'the mapping file names "{ours}", which {layout.kind} do not have; known: {known}'
            )
        places = [at for at, name in enumerate(header) if folded(name) == folded(theirs)]
        if not places:
            found = ", ".join(header)
            raise CrmFileError(
                path, f'the mapping file names the column "{theirs}", which is not there; found: {found}'
            )
        columns[places[0]] = (column, True)
    return columns


def _taken(
    path: Path, layout: Layout[Any], header: list[str], columns: list[tuple[Column | None, bool]]
) -> tuple[list[_Taken], tuple[str, ...]]:
    """Of two columns that give one field a person's word wins, then our own name, then the first; of what is said
    about consent all are taken."""
    ranks: dict[int, tuple[bool, bool, int]] = {}
    best: dict[str, int] = {}
    for at, (column, told) in enumerate(columns):
        if column is None:
            continue
        ours = folded(header[at]) == folded(column.field)
        ranks[at] = (not told, not ours, at)
        if column.field not in best or ranks[at] < ranks[best[column.field]]:
            best[column.field] = at
    chosen = {at for at, (column, _) in enumerate(columns) if column and column.field in TOGETHER} | {*best.values()}
    taken = [_Taken(at, header[at], column) for at, (column, _) in enumerate(columns) if column and at in chosen]
    return taken, tuple(header[at] for at, (column, _) in enumerate(columns) if column and at not in chosen)


def _conventions(text: CsvText, lines: int, taken: list[_Taken], mapped: Mapped) -> dict[int, str | None]:
    """How each column of dates or amounts is written: what a person said, else what its values can only mean."""
    asked = {one.at: one.column.says for one in taken if one.column.says}
    told: dict[int, set[str]] = {at: set() for at in asked}
    if any(_local(record, asked) for record in islice(_body(text, lines), LOOKED_AT)):
        for record in _body(text, lines):
            for at, says in asked.items():
                if at < len(record.cells) and (said := says(cells.cleaned(record.cells[at]))):
                    told[at].add(said)
    said_by_person = {one.at: mapped.date_order for one in taken if mapped.date_order and one.column.says is date_order}
    return {
        at: said_by_person.get(at) or (next(iter(found)) if len(found) == 1 else None) for at, found in told.items()
    }


def _local(record: Record, asked: Mapping[int, Any]) -> bool:
    found = (record.cells[at].strip() for at in asked if at < len(record.cells))
    return any(cell and not ALIKE_EVERYWHERE.fullmatch(cell) for cell in found)


def _body(text: CsvText, lines: int) -> Iterator[Record]:
    return (record for record in text.records() if record.line > lines)


def _rows(text: CsvText, layout: Layout[Row], lines: int, width: int, taken: list[_Taken]) -> Iterator[Row | Reject]:
    plan = [(one.at, one.column, one.header, one.column.field in TOGETHER) for one in taken]
    for record in _body(text, lines):
        try:
            yield layout.row(record.line, _values(record, text.delimiter, width, plan))
        except ValueError as error:
            yield Reject(record.line, str(error), record.raw.rstrip("\r\n")[:RAW_LIMIT])


def _values(record: Record, delimiter: str, width: int, plan: list[tuple[int, Column, str, bool]]) -> dict[str, Any]:
    given = record.cells
    if record.problem:
        raise ValueError(record.problem)
    if len(given) > width and any(given[width:]):
        counts = f"{len(given)} cells under {width} columns"
        raise ValueError(f'has {counts}; put a cell that holds "{delimiter}" in quotes')
    values: dict[str, Any] = {}
    have = len(given)  # a short row is common: spreadsheets leave out empty cells at the end
    for at, column, name, together in plan:
        if at < have and given[at] and (value := parsed(column, given[at], name)) is not None:
            if together and column.field in values:
                value = both(values[column.field], value)
            values[column.field] = value
    return values


def both(one: Any, other: Any) -> Any:
    """Two columns about one thing: a block in any of them, and all that is known of consent."""
    return one or other if isinstance(one, bool) else cells.line(f"{one}; {other}")


def parsed(column: Column, cell: str, name: str) -> Any:
    """The cell's value, None when there is nothing in it."""
    text = cells.cleaned(cell)
    if not text or text in cells.NOTHING:
        return None
    try:
        return column.parse(text)
    except ValueError as error:
        shown = text if len(text) <= 80 else text[:79] + "…"
        raise ValueError(f'column "{name}": "{shown}" {error}') from None
    except OverflowError:
        raise ValueError(f'column "{name}": "{text}" is out of range; correct it') from None
