"""What a reviewer would be offered to approve: drafts of the untrained base for the sample company, over all playbooks.

    python -m tests.benchmarks.playbook_drafts [--quick] [--json]

Drafts go through the real code: record, playbook, draft, checks, up to three repairs. What the checks leave approvable
is looked at a second time by something that shares no code with them: numbers, weekdays and months that neither record
nor prompt hold, and other contacts' and companies' names. It sees less than the checks do, and other things.
"""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import select

from bot import checking, drafting, progress, sample_company
from bot.settings import Settings, load
from model import base as base_model
from model.brief import Brief
from model.engine import Engines
from model.playbook import Playbooks
from model.prompt import joined
from storage import queries
from storage.database import Database
from storage.tables import Contact, Draft, Status
from tests.benchmarks.edit_rate import wrong_facts
from tests.benchmarks.report import Figure, main

DRAFTS, QUICK_DRAFTS = 500, 24
GOALS = ("confirm next steps", "answer the pricing question", "book a demo", "say thank you", "plan the pilot")
AT_ONCE = 4


def measure(quick: bool) -> list[Figure]:
    cache = load().cache
    base = base_model.find(load().base_model, cache, progress=progress.download())
    with TemporaryDirectory() as place:
        home = Path(place) / "home"
        settings = Settings(_env_file=None, home=home, timezone="Europe/Berlin")  # type: ignore[call-arg]
        home.mkdir()
        (home / "cache").symlink_to(cache)
        with closing(Database(settings.database)) as database, closing(Engines(base.path)) as engines:
            workspace_id = _company(database, settings)
            desk = drafting.Desk(
                database=database,
                engines=engines,
                standards=checking.by_workspace(settings, database),
                adapters=settings.adapters,
                clock=lambda: datetime.now(UTC),
            )
            return _figures(desk, workspace_id, QUICK_DRAFTS if quick else DRAFTS)


def _company(database: Database, settings: Settings) -> int:
    database.migrate()
    with database.writing() as session:
        workspace = queries.workspace_for_team(session, team_id="T1", name="sample")
    assert workspace.id is not None
    now = datetime.now(UTC)
    how = {"home": settings.home, "zone": settings.timezone, "now": now, "bar": progress.bar}
    sample_company.seed(database, workspace_id=workspace.id, **how)  # type: ignore[arg-type]
    return workspace.id


def _figures(desk: drafting.Desk, workspace_id: int, wanted: int) -> list[Figure]:
    with desk.database.reading() as session:
        people = list(session.exec(select(Contact).where(Contact.workspace_id == workspace_id)))
        ids = [one.id for one in people if one.id is not None]
        names = frozenset(f"{one.first_name} {one.last_name}" for one in people)
    asked = product(GOALS, ids, Playbooks())
    drafts: list[Draft] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while len(drafts) < wanted and (wave := [each for each, _ in zip(asked, range(4 * AT_ONCE), strict=False)]):
            made = pool.map(lambda each: _draft(desk, workspace_id, *each), wave)
            drafts += [draft for draft in made if draft is not None]
            sys.stderr.write(f"\r{len(drafts)} of {wanted} drafts")
    drafts = drafts[:wanted]
    offered = [draft for draft in drafts if not _blocks(draft)]
    wrong = [draft for draft in offered if _second_look(draft, names)]
    blocked = Counter(rule for draft in drafts for rule in _blocks(draft))
    sys.stderr.write(f"\nblocked after repair, by rule: {dict(blocked.most_common())}\n")
    sys.stderr.write("".join(f"{_second_look(draft, names)}: {draft.body!r}\n" for draft in wrong))
    return [
        Figure("drafts", len(drafts), "", wanted, least=True),
        Figure("offered_for_approval", len(offered) / len(drafts), "", 0.0, least=True),
        Figure("offered_with_untraced", len(wrong), "", 0),
    ]


def _draft(desk: drafting.Desk, workspace_id: int, goal: str, contact_id: int, playbook: str) -> Draft | None:
    """One draft as a command would get it; None where the record or a contact's no stands in the way."""
    now = desk.clock()
    with desk.database.writing() as session:
        row = drafting.request(
            session,
            workspace_id=workspace_id,
            contact_id=contact_id,
            goal=goal,
            requested_by="bench",
            sender="Robin Ames",
            channel=None,
            request_key=f"{contact_id} {playbook} {goal}",
            now=now,
            playbook=playbook,
        )
    with desk.database.writing() as session:
        claimed = queries.claim_draft(session, now=now, lease=drafting.LEASE, draft_id=row.id)
    assert claimed is not None and claimed.id is not None
    drafting.draft_one(desk, claimed)
    with desk.database.reading() as session:
        done = queries.draft(session, workspace_id=workspace_id, draft_id=claimed.id)
    return done if done and done.status == Status.drafted else None


def _blocks(draft: Draft) -> set[str]:
    return {finding["rule"] for finding in draft.findings if finding["severity"] == "block"}


def _second_look(draft: Draft, names: frozenset[str]) -> list[str]:
    text = joined(draft.subject or "", draft.body or "")
    return wrong_facts(text, Brief.model_validate(draft.brief), draft.messages, names)


if __name__ == "__main__":
    raise SystemExit(main("What a reviewer would be offered to approve.", measure))
