"""Columns that say "not before then", so that of several replicas one at a time acts on a row."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

LONGEST = timedelta(minutes=10)


def is_free(column: Any, now: datetime) -> ColumnElement[bool]:
    """Whether the moment has come. One further ahead than anybody sets was written by a clock that was wrong."""
    moment = col(column)
    return or_(moment.is_(None), moment <= now, moment > now + LONGEST)
