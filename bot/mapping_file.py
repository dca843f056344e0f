"""The file in which a person says which columns of an export are meant: our name, then theirs."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from model.yaml_file import read_into, written
from storage.crm.csv_files import Mapped


class MappingFile(BaseModel):
    """What it may say. A column that it does not name is found as ever.

    contacts:
      email: Work address
    dates: day first
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contacts: dict[str, str] = {}
    companies: dict[str, str] = {}
    deals: dict[str, str] = {}
    events: dict[str, str] = {}
    dates: Literal["day first", "month first"] | None = None

    def said_of(self, kind: Literal["contacts", "companies", "deals", "events"]) -> Mapped:
        return Mapped(getattr(self, kind), self.dates.split()[0] if self.dates else None)


NO_MAPPING = MappingFile()


def load(path: Path) -> MappingFile:
    """Raises FileMistake, with place, value and remedy."""
    return read_into(MappingFile, written(path, "Give the path of a mapping file, a .yml file."), str(path))
