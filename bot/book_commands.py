"""What the subcommands about playbooks, lead scores and sequences do. `showing.py` writes it for people."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot import briefs, sequences
from bot.commands import CommandError, now, opened, workspace_of
from bot.settings import Settings
from model.lead_score import lead_score
from model.playbook import PACKAGED, Playbook, Playbooks, read
from model.yaml_file import FileMistake
from storage import queries
from storage.tables import Workspace

SEQUENCE = "saas_onboarding"
SCORED = Playbook(name="score", title="Lead score", scored=True)


class WrongFiles(CommandError):
    """Some playbooks cannot be used; `result` says which can."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__("\n".join(result["mistakes"]))
        self.result = result


def playbooks_check(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    packaged, own = (sorted(folder.glob("*.yml")) for folder in (PACKAGED, settings.playbooks))
    checked: list[str] = []
    mistakes: list[str] = []
    for path in dict.fromkeys([*packaged, *own, *arguments.files]):
        try:
            checked.append(read(path).name)
        except FileMistake as error:
            mistakes += error.mistakes
    result = {"checked": checked, "mistakes": mistakes}
    if mistakes:
        raise WrongFiles(result)
    return result


def playbooks_list(settings: Settings, arguments: Namespace) -> list[dict[str, Any]]:
    books = Playbooks([settings.playbooks])
    return [
        {**book.model_dump(mode="json", include={"name", "title", "when_to_use", "requires", "goals"})}
        | {"days": [step.day for step in book.steps]}
        for _, book in sorted(books.items())
    ]


def score(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            contact = queries.contact_by_email(session, workspace_id=workspace.id, email=arguments.to)
            if contact is None:
                raise CommandError(f"No contact has the address {arguments.to}. Import it with `afterword import crm`.")
            brief = briefs.build(
                session,
                contact=contact,
                goal="",
                note=None,
                sender=contact.owner or workspace.name,
                playbook=SCORED.name,
                at=now(),
                zone=settings.timezone,
                book=SCORED,
            )
    return {"to": contact.email, **lead_score(brief).as_json()}


def sequence_start(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with _sequencing(settings, arguments) as (job, workspace):
        made = sequences.begin(
            job,
            workspace=workspace,
            email=arguments.to,
            playbook=arguments.playbook or SEQUENCE,
            goal=arguments.goal,
            started_by="command line",
            channel=arguments.channel,
        )
        assert made.id is not None
        sequences.advance(job, workspace_id=made.workspace_id, sequence_id=made.id)  # the first day is today
        with job.database.reading() as session:
            return sequences.described(job, session, made)


def sequence_stop(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with _sequencing(settings, arguments) as (job, workspace):
        assert workspace.id is not None
        row = sequences.end(job, workspace_id=workspace.id, sequence_id=arguments.sequence_id, by="command line")
        with job.database.reading() as session:
            return sequences.described(job, session, row)


def sequence_list(settings: Settings, arguments: Namespace) -> list[dict[str, Any]]:
    with _sequencing(settings, arguments) as (job, workspace), job.database.reading() as session:
        assert workspace.id is not None
        rows = queries.sequences(session, workspace_id=workspace.id)
        return [sequences.described(job, session, row) for row in rows]


@contextmanager
def _sequencing(settings: Settings, arguments: Namespace) -> Iterator[tuple[sequences.Sequencing, Workspace]]:
    with opened(settings) as database:
        books = Playbooks([settings.playbooks])
        job = sequences.Sequencing(database, books, settings.timezone, now, settings.report_channel)
        yield job, workspace_of(database, arguments)


__all__ = ["playbooks_check", "playbooks_list", "score", "sequence_list", "sequence_start", "sequence_stop"]
