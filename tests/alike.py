"""Two workspaces whose rows look alike, and what to ask every query about them."""

import inspect
import itertools
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any

from hypothesis import strategies as st
from sqlmodel import Session, SQLModel

from storage import queries, tables
from storage.database import Database
from storage.tables import (
    Adapter,
    Audit,
    Connection,
    Delivery,
    Draft,
    Installation,
    Outcome,
    OutcomeKind,
    OutcomeSource,
    Pair,
    Review,
    Rule,
    RuleKind,
    RunStatus,
    Status,
    Verdict,
    VoiceSource,
)
from tests.fakes import MONDAY
from tests.rows import brief, contact, workspace

Query = Callable[..., Any]
SPACES = (1, 2)


def mark(workspace_id: int) -> str:
    """Stands in what a workspace writes, and in nothing of the other's."""
    return f"only-of-{workspace_id}"


# Rows that collide --------------------------------------------------------------------------------------------------


def seed(database: Database) -> None:
    """The same rows in both, apart from a mark."""
    with database.writing() as session:
        for workspace_id in SPACES:
            assert workspace(session, f"T{workspace_id}").id == workspace_id
    for workspace_id, number in itertools.product(SPACES, range(2)):
        with database.writing() as session:
            _seed(session, workspace_id, number)


def _seed(session: Session, workspace_id: int, number: int) -> None:
    own = mark(workspace_id)
    person = contact(session, workspace_id, first="Dana", last=("Whitfield", "Lee")[number], title=own)
    assert person.id is not None
    draft = queries.add_draft(session, row=_draft(workspace_id, person.id, f"key {number}"))
    draft.status, draft.brief, draft.prompt_version = (Status.requested, Status.drafted)[number], {"of": own}, "1"
    session.add(Review(workspace_id=workspace_id, draft_id=draft.id, verdict=Verdict.edited, reviewer=own, at=MONDAY))
    queries.add_pair(session, row=_pair(workspace_id, str(draft.id)))
    adapter = queries.add_adapter(session, row=Adapter(workspace_id=workspace_id, version=0, folder=own))
    queries.move_pointer(session, workspace_id=workspace_id, adapter_id=adapter.id, reason=own, now=MONDAY)
    queries.claim_run(session, workspace_id=workspace_id, date=f"2026-11-2{number}", now=MONDAY, lease=timedelta(0))
    queries.propose_rules(session, workspace_id=workspace_id, found=[_rule(workspace_id, number)], limit=9)
    queries.add_voice_version(session, workspace_id=workspace_id, **_voice(own, number))
    queries.add_sequence(session, row=_sequence(workspace_id, person.id))
    session.add(Audit(workspace_id=workspace_id, actor=own, action="x", subject="draft 1", detail={}, at=MONDAY))
    queries.save_connection(session, row=_connection(workspace_id))
    place, member = _in_teams(workspace_id)
    queries.remember_teams(session, place=place, member=member)
    session.add(tables.TimelineEntry(workspace_id=workspace_id, draft_id=draft.id or 0, crm="test", their_id=own))
    waiting = _delivery(workspace_id, draft.id or 0)
    waiting.id = None
    session.add(waiting)


def _draft(workspace_id: int, contact_id: int, key: str) -> Draft:
    own = mark(workspace_id)
    asked = {"goal": own, "playbook": "p", "sender": own, "seed": 0, "requested_by": own, "channel": "C1"}
    return Draft(workspace_id=workspace_id, contact_id=contact_id, request_key=key, requested_at=MONDAY, **asked)


def _held(workspace_id: int, draft_id: int) -> Draft:
    """As a poster holds it, be it the other workspace's."""
    row = _draft(workspace_id, 1, "key")
    row.id, row.version, row.post_after = draft_id, 1, MONDAY
    return row


def _pair(workspace_id: int, source_id: str) -> Pair:
    own = mark(workspace_id)
    said = {"verdict": Verdict.edited, "brief": brief().model_dump(mode="json"), "drafted": own, "final": own}
    rest = {"account": own, "prompt_version": "1", "at": MONDAY, "written_at": MONDAY}
    return Pair(workspace_id=workspace_id, source="review", source_id=source_id, **said, **rest)


def _rule(workspace_id: int, number: int) -> Rule:
    what = {"kind": RuleKind.delete, "old": f"phrase {number}", "new": mark(workspace_id), "seen": 3, "out_of": 4}
    return Rule(workspace_id=workspace_id, proposed_at=MONDAY, **what)


def _voice(own: str, number: int) -> dict[str, Any]:
    return {"text": own, "sha256": f"{own} {number}", "source": VoiceSource.file, "who": own, "now": MONDAY}


def _sequence(workspace_id: int, contact_id: int) -> tables.Sequence:
    own = mark(workspace_id)
    return tables.Sequence(
        workspace_id=workspace_id,
        contact_id=contact_id,
        playbook="p",
        goal=own,
        sender=own,
        started_by=own,
        started_at=MONDAY,
    )


def _delivery(workspace_id: int, draft_id: int) -> Delivery:
    own = mark(workspace_id)
    text = {"message_id": own, "recipient": own, "subject": own, "body": own}
    return Delivery(id=draft_id, workspace_id=workspace_id, draft_id=draft_id, decided_at=MONDAY, due_at=MONDAY, **text)


def _outcome(workspace_id: int, draft_id: int) -> Outcome:
    text = {"message_id": f"<{draft_id}@a.example>", "reason": mark(workspace_id)}
    kind = {"kind": OutcomeKind.positive, "source": OutcomeSource.mailbox}
    return Outcome(workspace_id=workspace_id, draft_id=draft_id, at=MONDAY, **text, **kind)


def _installation(workspace_id: int) -> Installation:
    own = mark(workspace_id)
    return Installation(workspace_id=workspace_id, installed_by=own, installed_at=MONDAY, token=own)


def _connection(workspace_id: int) -> Connection:
    own = mark(workspace_id)
    return Connection(
        workspace_id=workspace_id, crm="test", address=own, secret=own, connected_at=MONDAY, due_at=MONDAY
    )


# Queries and arguments for them --------------------------------------------------------------------------------------

WORDS = (
    "dana.whitfield@northwind.example",
    "Dana",
    "Dana Whitfield",
    "test",
    "review",
    "1",
    "key 1",
    "key",
    "2026-11-20",
    "p",
)


def _in_teams(workspace_id: int) -> tuple[tables.TeamsConversation, tables.TeamsMember]:
    """The same conversation and person in every workspace, under the workspace's own names."""
    own, where = mark(workspace_id), {"workspace_id": workspace_id, "channel": WORDS[0]}
    place = tables.TeamsConversation(**where, service_url=own)
    return place, tables.TeamsMember(**where, user_id=WORDS[0], mri=own, name=own)


CROSSING = "storage.queries.crossing"
# They touch no workspace's rows, or are about workspaces as such.
FREE = frozenset(
    {
        *("folded", "searchable", "search_text", "with_large_cache"),
        *("workspaces", "workspace_for_team", "workspace_of_team", "workspaces_in_service"),
        *("begin_install", "take_install", "remove_workspace", "put_back"),
        *("give_up_workspaces", "given_up", "erase_workspace"),
        *("claim_mailbox", "mark_read"),
    }
)


def scoped_queries() -> list[Query]:
    """All that are about one workspace."""
    named = [getattr(queries, name) for name in queries.__all__]
    functions = [each for each in named if inspect.isfunction(each)]
    return [each for each in functions if each.__module__ != CROSSING and each.__name__ not in FREE]


def _special(workspace_id: int) -> dict[tuple[str, str], st.SearchStrategy[Any]]:
    """Arguments whose types do not say enough."""
    own = mark(workspace_id)
    source_ids = st.sampled_from(WORDS)
    company = source_ids.map(
        lambda one: {"workspace_id": workspace_id, "source": "test", "source_id": one, "name": own}
    )
    held = st.integers(1, 5).map(lambda one: _held(workspace_id, one))
    rows: dict[type[SQLModel], st.SearchStrategy[Any]] = {
        Draft: st.builds(lambda key, who: _draft(workspace_id, who, key), source_ids, st.integers(1, 4)),
        Pair: st.builds(lambda one: _pair(workspace_id, one), source_ids),
        Adapter: st.builds(lambda: Adapter(workspace_id=workspace_id, version=0, folder=own)),
        tables.Sequence: st.builds(lambda who: _sequence(workspace_id, who), st.integers(1, 4)),
    }
    return {
        ("upsert", "table"): st.just(tables.Company),
        ("upsert", "rows"): st.lists(company, max_size=3, unique_by=lambda row: row["source_id"]),
        ("move_draft", "changes"): st.just({"subject": own}),
        ("finish_run", "changes"): st.just({"status": RunStatus.finished, "reasons": [own]}),
        ("propose_rules", "found"): st.lists(
            st.builds(lambda n: _rule(workspace_id, n), st.integers(0, 3)), max_size=2
        ),
        ("add_draft", "row"): rows[Draft],
        ("add_pair", "row"): rows[Pair],
        ("add_adapter", "row"): rows[Adapter],
        ("add_sequence", "row"): rows[tables.Sequence],
        ("mark_posted", "row"): held,
        ("put_off_post", "row"): held,
        ("add_delivery", "row"): st.just(_delivery(workspace_id, 99)),
        ("hold_delivery", "row"): st.integers(1, 5).map(lambda one: _delivery(workspace_id, one)),
        ("finish_delivery", "row"): st.integers(1, 5).map(lambda one: _delivery(workspace_id, one)),
        ("finish_delivery", "changes"): st.just({"error": own}),
        ("add_outcome", "row"): st.builds(lambda one: _outcome(workspace_id, one), st.integers(1, 5)),
        ("block_contact", "flag"): st.sampled_from(["email_opt_out", "bounced"]),
        ("save_installation", "row"): st.just(_installation(workspace_id)),
        ("save_connection", "row"): st.just(_connection(workspace_id)),
        ("finish_connection", "changes"): st.just({"error": own}),
        ("remember_teams", "place"): st.just(_in_teams(workspace_id)[0]),
        ("remember_teams", "member"): st.just(_in_teams(workspace_id)[1]),
        ("finish_entry", "changes"): st.just({"error": own}),
    }


def arguments(query: Query, workspace_id: int) -> st.SearchStrategy[dict[str, Any]]:
    """What to call a query with: ids and names of both workspaces, and texts of this one."""
    special, hints = _special(workspace_id), typing.get_type_hints(query)
    given: dict[str, st.SearchStrategy[Any]] = {}
    for name in inspect.signature(query).parameters:
        if name == "workspace_id":
            given[name] = st.just(workspace_id)
        elif name != "session":
            key = (query.__name__, name)
            given[name] = special[key] if key in special else of_type(hints[name], workspace_id)
    return st.fixed_dictionaries(given)


def of_type(hint: Any, workspace_id: int) -> st.SearchStrategy[Any]:
    """Values of a type that occur in both workspaces."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return st.one_of(*(of_type(each, workspace_id) for each in inner))
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if origin in (list, Iterable, Sequence, Collection) and inner[0] is str:
        return st.lists(st.sampled_from(WORDS), max_size=3)
    if origin in (Iterable, Collection) and inner[0] is int:
        return st.lists(st.integers(1, 5), max_size=3)
    if origin in (list, dict, Sequence, Mapping):
        return st.just({} if origin in (dict, Mapping) else [])
    known = {
        int: st.integers(1, 5),
        str: st.sampled_from((*WORDS, mark(workspace_id))),
        bool: st.booleans(),
        datetime: st.integers(-1, 30).map(lambda days: MONDAY + timedelta(days=days)),
        timedelta: st.just(timedelta(minutes=1)),
        type(None): st.none(),
    }
    assert hint in known, f"tests/alike.py has no values of {hint}: add them to `known` or `_special`"
    return known[hint]


def only_reads(query: Query) -> bool:
    """Whether a query changes nothing, as far as its text says."""
    return not any(
        word in inspect.getsource(query) for word in ("update(", "delete(", "insert", "session.add", "in_turn", "_if_")
    )


def plain(found: Any) -> Any:
    """Rows, and what holds rows, as values that can be compared."""
    if isinstance(found, SQLModel):
        return {name: value for name, value in vars(found).items() if not name.startswith("_")}
    if isinstance(found, str | bytes | int | float | bool | None | datetime | timedelta):
        return found
    if isinstance(found, Mapping):
        return {key: plain(value) for key, value in found.items()}
    if isinstance(found, Iterable):
        return [plain(each) for each in found]
    return repr(found)
