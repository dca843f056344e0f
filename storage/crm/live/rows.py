"""What a connector found, as rows like those of an export."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from storage.crm import layouts
from storage.crm.columns import CONSENT, TOGETHER, Column, Layout, folded
from storage.crm.csv_files import both, parsed
from storage.crm.records import Reject

LONGEST = 50_000  # letters of a text; the rest of a longer one is left there
RAW_SHOWN = 80


def rows_of(table: str, found: Iterable[Mapping[str, str]], zone: tzinfo) -> Iterator[Any]:
    """A row or a Reject for each record."""
    layout = _layout(table, zone)
    for number, record in enumerate(found, start=1):
        try:
            yield layout.row(number, _values(layout, record))
        except ValueError as error:
            yield Reject(number, str(error), record.get("id", "")[:RAW_SHOWN])


def _layout(table: str, zone: tzinfo) -> Layout[Any]:
    known: dict[str, Layout[Any]] = {
        "companies": layouts.companies(),
        "contacts": layouts.contacts(zone),
        "deals": layouts.deals(),
        "events": layouts.events(zone),
    }
    return known[table]


def _values(layout: Layout[Any], record: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in record.items():
        column = layout.column(name)
        value = _value(column, text, name) if column else None
        if column is None or value is None:
            continue
        known = values.get(column.field)
        if known is None:
            values[column.field] = value
        elif column.field in TOGETHER:
            values[column.field] = both(known, value)
    return values


def _value(column: Column, text: str, name: str) -> Any:
    """What a field says. A useless phone number or time zone must not keep an opt-out beside it from arriving."""
    written = column.written(".") if column.field == "amount" else column
    try:
        return parsed(written, text[:LONGEST], name)
    except ValueError:
        if column.required or column.filled or column.field in TOGETHER:
            raise
        return None


def consent_column(name: str, label: str) -> str | None:
    """What to call a field of theirs that says something about consent, by its name or its label; None for any other.

    Where the two say different things, the one that blocks counts.
    """
    said = (each for _, pattern in CONSENT for each in (name, label) if pattern.search(folded(each)))
    return next(said, None)


def texts(record: Mapping[str, Any]) -> dict[str, str]:
    """Values of JSON as an export would write them; what is empty is left out."""
    return {name: _text(value) for name, value in record.items() if value not in (None, "")}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def amount(value: Any) -> str:
    """A number as an amount with two decimals; empty for none."""
    return "" if value in (None, "") else f"{Decimal(str(value)):.2f}"
