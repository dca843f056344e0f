"""A CSV file's bytes to its records: encoding, delimiter, physical lines, and what is left of a broken row."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

DELIMITERS = ",;\t|"
CHUNK = 1 << 20
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SEPARATOR = re.compile(r"sep=(.)\s*")  # Excel's own first line


class CrmFileError(Exception):
    """A file that cannot be imported at all. The message is one sentence for a person, with its remedy."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class Record(NamedTuple):
    """One CSV record as it stood: its first physical line, its cells or what was wrong with them."""

    line: int
    cells: list[str]
    raw: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class CsvText:
    """A file whose every byte could be read: how it is written and how long it is."""

    path: Path
    encoding: str
    delimiter: str
    lines: int
    skipped: int  # lines before the header

    def records(self) -> Iterator[Record]:
        """Records with their first line. After a broken quote only that line is lost."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            lines = _LinesOf(file)
            for _ in range(self.skipped):
                next(lines)
            yield from _records(lines, self.delimiter)


def read(path: Path) -> CsvText:
    """Find out, before a row is taken, how the whole file is written: UTF-8 where all of it is, UTF-16 by its mark,
    else what Excel writes in the West. Raises CrmFileError."""
    encoding, lines = _measured(path, ("utf-16",) if _marked_utf_16(path) else ("utf-8-sig", "cp1252"))
    with path.open(encoding=encoding, newline="") as file:
        first = next((text for text in file if text.strip()), "")
    if told := SEPARATOR.fullmatch(first):
        return CsvText(path, encoding, told[1], lines, 1)
    return CsvText(path, encoding, max(DELIMITERS, key=_outside_quotes(first).count), lines, 0)


def utf8_lines(path: Path) -> int:
    """Count the lines of a file that has to be UTF-8. Raises CrmFileError."""
    return _measured(path, ("utf-8-sig",))[1]


def _measured(path: Path, encodings: tuple[str, ...]) -> tuple[str, int]:
    """The first encoding that all of the file is in, and its physical lines."""
    for encoding in encodings:
        try:
            return encoding, _lines(path, encoding)
        except UnicodeDecodeError:
            continue
        except OSError as error:
            raise CrmFileError(path, f"cannot be read ({error.strerror}); check the path") from error
    tried = " and not ".join(encoding.removesuffix("-sig").upper() for encoding in encodings)
    raise CrmFileError(path, f"not {tried} text; save it as CSV UTF-8")


def _marked_utf_16(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) in UTF_16
    except OSError as error:
        raise CrmFileError(path, f"cannot be read ({error.strerror}); check the path") from error


def _lines(path: Path, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, size, ended = 0, 0, True
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if b"\0" in chunk and encoding != "utf-16":
                raise CrmFileError(path, "this is not a text file; export it as CSV in UTF-8")
            text = decoder.decode(chunk)
            lines += text.count("\n")
            size += len(chunk)
            ended = text.endswith("\n")
    decoder.decode(b"", final=True)
    if size == 0:
        raise CrmFileError(path, "the file is empty; export it again with a header row")
    return lines + (not ended)


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])


def _records(lines: "_LinesOf", delimiter: str) -> Iterator[Record]:
    while True:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            while True:
                start = lines.mark()
                row = next(reader)
                if any(row) and any(cell.strip() for cell in row):
                    yield Record(start, row, lines.text())
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(start, [], lines.keep_first(), _broken(error))


def _broken(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "a quote is not closed, or a cell is longer than 128 KB; close the quote or shorten the cell"
    return "quotes are not balanced; put the cell in quotes and double each quote inside it"


class _LinesOf:
    """Physical lines that can be handed out again: those of the present record are kept until the next."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self.file = file
        self.taken: list[str] = []
        self.again: list[str] = []  # newest last
        self.before = 0  # lines before the present record

    def __iter__(self) -> "_LinesOf":
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
        return self.taken[0] if len(self.taken) == 1 else "".join(self.taken)

    def keep_first(self) -> str:
        """Give back all but the first line of a broken record."""
        first, *rest = self.taken
        self.again.extend(reversed(rest))
        self.taken = [first]
        return first
