"""What the columns of all tables share."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column


def utc_now() -> datetime:
    """The default clock of columns; whatever decides something takes `now` as an argument."""
    return datetime.now(UTC)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """`table=True` models do not validate, so the database does."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def json_column(*, nullable: bool = False) -> Column[Any]:
    return Column(JSON, nullable=nullable)
