"""The rows that were not taken, in a CSV that a person opens, corrects and imports again."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from storage.crm.records import Reject

HEADER = ("file", "line", "reason", "raw")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RejectsWriter:
    """Writes beside `path` and moves into place at the end; without a reject there is no file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: IO[str] | None = None

    def add(self, file: Path, reject: Reject) -> None:
        if self._file is None:
            self._file = self._opened()
        row = (file.name, str(reject.line), reject.reason, reject.raw)
        csv.writer(self._file).writerow([_inert(cell) for cell in row])
        self.count += 1

    def _opened(self) -> IO[str]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One name, so that what a killed import left behind is written over. The mark makes Excel read names as UTF-8.
        part = self.path.with_name(f".{self.path.name}.part")
        file = part.open("w", encoding="utf-8-sig", newline="")
        csv.writer(file).writerow(HEADER)
        return file

    def finish(self) -> None:
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        Path(self._file.name).replace(self.path)

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)


@contextmanager
def writing_rejects(path: Path) -> Iterator[RejectsWriter]:
    """A writer whose file appears whole when the block ends well, and not at all when it does not."""
    writer = RejectsWriter(path)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise
    writer.finish()


def _inert(cell: str) -> str:
    """A cell that a spreadsheet will show and not run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
