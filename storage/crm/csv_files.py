"""CRM and email CSV exports, read one row at a time. A bad row becomes a Reject; it never stops the file.

table = open_contacts(Path("contacts.csv"), zone=ZoneInfo("Europe/Berlin"))
for row in table.rows():
    ...  # ContactRow or Reject
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from storage.crm import cells, layouts
from storage.crm.layouts import Column, Layout
from storage.crm.records import CompanyRow, ContactRow, DealRow, EmailRow, EventRow, Reject, Row, Table

DELIMITERS = ",;\t"
CHUNK = 1 << 20
RAW_LIMIT = 2000


class CrmFileError(Exception):
    """A file that cannot be imported at all. The message is one sentence for a person, with its remedy."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class MissingColumn(CrmFileError):
    def __init__(self, path: Path, column: Column, found: Sequence[str]) -> None:
        self.column = column.field
        self.found = tuple(found)
        listed = ", ".join(found)
        super().__init__(path, f'the required column "{column.field}" is missing; the columns found are: {listed}')


def open_companies(path: Path) -> Table[CompanyRow]:
    return open_csv(path, layouts.companies())


def open_contacts(path: Path, *, zone: tzinfo) -> Table[ContactRow]:
    return open_csv(path, layouts.contacts(zone))


def open_deals(path: Path) -> Table[DealRow]:
    return open_csv(path, layouts.deals())


def open_events(path: Path, *, zone: tzinfo) -> Table[EventRow]:
    return open_csv(path, layouts.events(zone))


def open_email_csv(path: Path, *, zone: tzinfo) -> Table[EmailRow]:
    return open_csv(path, layouts.emails(zone))


def open_csv(path: Path, layout: Layout[Row]) -> Table[Row]:
    """Check the file and its header; raise CrmFileError where nothing could be read from it."""
    lines = text_lines(path)
    header = _header(path)
    columns, unknown, repeated = _matched(header.cells, layout)
    fields = tuple(column.field for column in columns if column)
    for column in layout.columns:
        if column.required and column.field not in fields:
            raise MissingColumn(path, column, header.cells)
    rows = partial(_rows, path, layout, header, columns)
    return Table(path, lines, fields, unknown, repeated, rows)


def text_lines(path: Path) -> int:
    """Count the physical lines and make sure, before a row is taken, that all of it is UTF-8 text."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    lines, size, ended = 0, 0, True
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                if b"\0" in chunk:
                    raise CrmFileError(path, "this is not a text file; export it as CSV in UTF-8")
                decoder.decode(chunk)
                lines += chunk.count(b"\n")
                size += len(chunk)
                ended = chunk.endswith(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise CrmFileError(path, f"not UTF-8 near line {lines + 1}; save it as CSV UTF-8") from None
    except OSError as error:
        raise CrmFileError(path, f"cannot be read ({error.strerror}); check the path") from error
    if size == 0:
        raise CrmFileError(path, "the file is empty; export it again with a header row")
    return lines + (not ended)


@dataclass(frozen=True, slots=True)
class _Record:
    """One CSV record as it stood: its first physical line, its cells or what was wrong with them."""

    line: int
    cells: tuple[str, ...]
    raw: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    cells: tuple[str, ...]
    delimiter: str
    lines: int


def _header(path: Path) -> _Header:
    with _text(path) as file:
        first = next((text for text in file if text.strip()), "")
        delimiter = max(DELIMITERS, key=_outside_quotes(first).count)
        file.seek(0)
        for record in _records(file, delimiter):
            if record.problem:
                raise CrmFileError(path, f"the header row cannot be read: {record.problem}")
            return _Header(
                tuple(cells.line(cells.cleaned(cell)) for cell in record.cells),
                delimiter,
                lines=record.line + record.raw.rstrip("\r\n").count("\n"),
            )
    raise CrmFileError(path, "the file has no header row; export it again")


def _text(path: Path) -> io.TextIOWrapper:
    return path.open(encoding="utf-8-sig", newline="")


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])


def _matched(
    header: Sequence[str], layout: Layout[Any]
) -> tuple[tuple[Column | None, ...], tuple[str, ...], tuple[str, ...]]:
    """Columns in the file's order. Of two that give one field, our own name wins, then the first."""
    columns = [layout.column(name) if name else None for name in header]
    kept: dict[str, int] = {}
    for at, column in enumerate(columns):
        if column is None:
            continue
        ours = layouts.folded(header[at]) == layouts.folded(column.field)
        taken = kept.get(column.field)
        if taken is None or (ours and layouts.folded(header[taken]) != layouts.folded(column.field)):
            kept[column.field] = at
    chosen = set(kept.values())
    unknown = tuple(name for name, column in zip(header, columns, strict=True) if name and column is None)
    repeated = tuple(header[at] for at, column in enumerate(columns) if column and at not in chosen)
    return tuple(column if at in chosen else None for at, column in enumerate(columns)), unknown, repeated


def _rows(
    path: Path, layout: Layout[Row], header: _Header, columns: tuple[Column | None, ...]
) -> Iterator[Row | Reject]:
    with _text(path) as file:
        for record in _records(file, header.delimiter):
            if record.line <= header.lines:
                continue
            try:
                yield layout.row(record.line, _values(record, header, columns))
            except ValueError as error:
                yield Reject(record.line, str(error), record.raw.rstrip("\r\n")[:RAW_LIMIT])


def _values(record: _Record, header: _Header, columns: tuple[Column | None, ...]) -> dict[str, Any]:
    if record.problem:
        raise ValueError(record.problem)
    if any(record.cells[len(columns) :]):
        counts = f"{len(record.cells)} cells under {len(columns)} columns"
        raise ValueError(f'has {counts}; put a cell that holds "{header.delimiter}" in quotes')
    # A short row is common: spreadsheets leave out empty cells at the end.
    return {
        column.field: parsed(column, cell, name)
        for column, cell, name in zip(columns, record.cells, header.cells, strict=False)
        if column
    }


def parsed(column: Column, cell: str, name: str) -> Any:
    """The cell's value, None when there is nothing in it."""
    text = cells.cleaned(cell)
    if not text:
        return None
    try:
        return column.parse(text)
    except ValueError as error:
        shown = text if len(text) <= 80 else text[:79] + "…"
        raise ValueError(f'column "{name}": "{shown}" {error}') from None
    except OverflowError:
        raise ValueError(f'column "{name}": "{text}" is out of range; correct it') from None


def _records(file: io.TextIOWrapper, delimiter: str) -> Iterator[_Record]:
    """Records with their first line. After a broken quote only that line is lost."""
    lines = _Lines(file)
    while True:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            while True:
                start = lines.mark()
                row = next(reader)
                if any(cell.strip() for cell in row):
                    yield _Record(start, tuple(row), lines.text())
        except StopIteration:
            return
        except csv.Error as error:
            yield _Record(start, (), lines.keep_first(), _broken(error))


def _broken(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "a quote is not closed, or a cell is longer than 128 KB; close the quote or shorten the cell"
    return "quotes are not balanced; put the cell in quotes and double each quote inside it"


class _Lines:
    """Physical lines that can be handed out again: those of the present record are kept until the next."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self.file = file
        self.taken: list[str] = []
        self.again: list[str] = []  # newest last
        self.before = 0  # lines before the present record

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        text = self.again.pop() if self.again else next(self.file)
        self.taken.append(text)
        return text

    def mark(self) -> int:
        """Forget the former record; the next line's number is the next record's."""
        self.before += len(self.taken)
        self.taken = []
        return self.before + 1

    def text(self) -> str:
        return "".join(self.taken)

    def keep_first(self) -> str:
        """Give back all but the first line of a broken record."""
        first, *rest = self.taken
        self.again.extend(reversed(rest))
        self.taken = [first]
        return first
