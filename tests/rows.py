"""Rows and briefs for tests: one small believable record."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from model import brief as facts
from model.brief import Brief
from storage import queries
from storage.tables import Company, Contact, Deal, Event, Workspace
from tests.fakes import MONDAY


def brief(**changes: Any) -> Brief:
    """Dana at Northwind, who attended a webinar on Thursday and looked at the prices three times."""
    known: dict[str, Any] = {
        "contact": facts.Contact(first_name="Dana", last_name="Whitfield", title="COO", email="dana@northwind.example"),
        "company": facts.Company(name="Northwind Foods", industry="Food"),
        "deal": facts.Deal(
            name="Northwind rollout", stage="Proposal", amount=Decimal(12000), close_date=date(2026, 12, 18)
        ),
        "events": (
            facts.Event(kind="webinar_attended", at=MONDAY - timedelta(days=4), subject="Planning without panic"),
            facts.Event(kind="page_view", at=MONDAY - timedelta(days=9), subject="Pricing", count=3),
        ),
        "goal": "book a demo",
        "sender": facts.Sender(first_name="Maya", name="Maya Lindqvist"),
        "playbook": "sales_follow_up",
        "at": MONDAY,
    }
    return Brief(**{**known, **changes})


def workspace(session: Session, team_id: str = "T1") -> Workspace:
    return queries.workspace_for_team(session, team_id=team_id, name="Acme")


def only(session: Session, table: Any, row_id: int = 1) -> Any:
    """The row with this id in the first workspace."""
    return session.exec(select(table).where(table.workspace_id == 1, table.id == row_id)).one()


def contact(
    session: Session, workspace_id: int, *, first: str = "Dana", last: str = "Whitfield", **more: Any
) -> Contact:
    """A contact with a company, an open deal and one event."""
    email = more.pop("email", f"{first}.{last}@northwind.example".lower().replace(" ", ""))
    company = Company(
        workspace_id=workspace_id, source="test", source_id=email, name="Northwind Foods", industry="Food"
    )
    session.add(company)
    session.flush()
    row = Contact(
        workspace_id=workspace_id,
        source="test",
        source_id=email,
        email=email,
        first_name=first,
        last_name=last,
        search_name=queries.folded(f"{first} {last}"),
        search_text=queries.search_text(workspace_id, first, last, company.name, email=email),
        company_id=company.id,
        owner="Maya Lindqvist",
        **more,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(Deal(workspace_id=workspace_id, source="test", source_id=email, name="Rollout", contact_id=row.id))
    session.add(
        Event(
            workspace_id=workspace_id,
            source="test",
            source_id=email,
            contact_id=row.id,
            at=datetime(2026, 11, 19, 14, 0, tzinfo=UTC),
            kind="webinar_attended",
            subject="Planning without panic",
        )
    )
    session.flush()
    return row
