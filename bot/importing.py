"""CRM exports and past emails into the database: streamed, upserted in batches, nothing lost on a bad row."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel

from bot import briefs
from bot.mapping_file import NO_MAPPING, MappingFile
from model.prompt import PROMPT_VERSION, joined
from storage import queries
from storage.crm import csv_files, email_files
from storage.crm.email_cleaning import EmailCleaning
from storage.crm.records import CompanyRow, ContactRow, DealRow, EmailRow, EventRow, Reject, Table
from storage.crm.rejects import RejectsWriter, writing_rejects
from storage.database import Database
from storage.tables import Company, Contact, Deal, Event, Pair, Verdict, utc_now

BATCH = 10_000  # rows per transaction: few enough that a listener never waits long for the lock

Advance = Callable[[int], None]  # told the line reached
Bar = Callable[[str, int], AbstractContextManager[Advance]]  # title and number of lines → a progress bar


@dataclass
class FileSummary:
    """What became of one file."""

    file: str
    imported: int = 0
    rejected: int = 0
    tool: str | None = None  # whose export it is
    encoding: str = "utf-8"
    mapping: list[list[str]] = field(default_factory=list)  # [their column, our field], in the file's order
    read_as: dict[str, str] = field(default_factory=dict)  # what a column's values said of its dates or amounts
    ignored_columns: list[str] = field(default_factory=list)
    removed_from: dict[str, int] = field(default_factory=dict)  # kind of text → emails it was cut from
    nearly_the_same: int = 0  # of the rejected: bulk emails beyond the first two

    def said(self) -> str:
        """What was done to past emails, in words; empty when nothing was."""
        removed = ", ".join(f"{kind} from {count}" for kind, count in self.removed_from.items())
        alike = f"{self.nearly_the_same} left out as nearly the same as others" if self.nearly_the_same else ""
        return "; ".join(part for part in (f"removed {removed}" if removed else "", alike) if part)


@dataclass
class Summary:
    """What became of an import; `rejects` is the file of rows that were not taken, if there are any."""

    files: list[FileSummary] = field(default_factory=list)
    rejects: Path | None = None


@dataclass(frozen=True)
class Importer:
    """Where rows go. `source` keeps two CRMs apart; the same source and id is the same record."""

    database: Database
    workspace_id: int
    zone: ZoneInfo
    source: str
    bar: Bar

    def crm(
        self,
        *,
        contacts: Path,
        companies: Path | None,
        deals: Path | None,
        events: Path | None,
        rejects: Path,
        mapping: MappingFile = NO_MAPPING,
    ) -> Summary:
        """Import one CRM export. Every file is opened before the first row is written, so a wrong one stops nothing
        halfway. Whoever was stopped imports the same files again: what is there already stays one row. Raises
        CrmFileError."""
        steps: list[tuple[Path, Table[Any], Callable[..., list[Reject]]]] = []
        zone, said = self.zone, mapping.said_of
        if companies:
            steps.append((companies, csv_files.open_companies(companies, mapped=said("companies")), self._companies))
        steps.append((contacts, csv_files.open_contacts(contacts, zone=zone, mapped=said("contacts")), self._contacts))
        if deals:
            steps.append((deals, csv_files.open_deals(deals, mapped=said("deals")), self._deals))
        if events:
            steps.append((events, csv_files.open_events(events, zone=zone, mapped=said("events")), self._events))
        return self._noted("import crm", self._run(steps, rejects))

    def emails(self, path: Path, *, rejects: Path) -> Summary:
        """Import past emails as pairs, each cut down to its writer's own words. Raises CrmFileError."""
        table, cleaning = email_files.open_emails(path, zone=self.zone), EmailCleaning()
        with self.bar(f"{path.name}: looking for signatures", table.lines) as advance:
            for row in table.rows():
                if isinstance(row, EmailRow):
                    cleaning.learn(row)
                advance(row.line)
            advance(table.lines)
        summary = self._noted("import emails", self._run([(path, table, partial(self._emails, cleaning))], rejects))
        summary.files[0].removed_from = dict(+cleaning.removed)
        summary.files[0].nearly_the_same = cleaning.nearly_the_same
        return summary

    def write(self, session: Session, table: str, rows: list[Any], given: tuple[str, ...]) -> list[Reject]:
        """Rows of one kind, as part of the caller's transaction; those that could not be used come back."""
        into: dict[str, Callable[..., list[Reject]]] = {
            "companies": self._companies,
            "contacts": self._contacts,
            "deals": self._deals,
            "events": self._events,
        }
        return into[table](session, rows, given)

    def _run(self, steps: list[tuple[Path, Table[Any], Callable[..., list[Reject]]]], rejects_path: Path) -> Summary:
        with writing_rejects(rejects_path) as rejects:
            files = [self._file(path, table, write, rejects) for path, table, write in steps]
        return Summary(files, rejects_path if rejects.count else None)

    def _noted(self, action: str, summary: Summary) -> Summary:
        """Put on record that there was an import, for App Home."""
        figures = {
            "imported": sum(file.imported for file in summary.files),
            "rejected": sum(file.rejected for file in summary.files),
        }
        with self.database.writing() as session:
            queries.audit(
                session,
                workspace_id=self.workspace_id,
                actor="command line",
                action=action,
                subject=", ".join(file.file for file in summary.files),
                detail=figures,
            )
        return summary

    def _file(
        self, path: Path, table: Table[Any], write: Callable[..., list[Reject]], rejects: RejectsWriter
    ) -> FileSummary:
        summary = FileSummary(
            path.name,
            tool=table.tool,
            encoding=table.encoding,
            mapping=[list(pair) for pair in table.mapping],
            read_as=dict(table.read_as),
            ignored_columns=[*table.unknown, *table.repeated],
        )
        with self.bar(path.name, table.lines) as advance:
            for batch in _batches(table.rows(), BATCH):
                good = [row for row in batch if not isinstance(row, Reject)]
                bad = [row for row in batch if isinstance(row, Reject)]
                with self.database.writing() as session:
                    queries.with_large_cache(session)
                    bad += write(session, good, table.fields)
                for reject in bad:
                    rejects.add(path, reject)
                summary.rejected += len(bad)
                summary.imported += len(batch) - len(bad)
                advance(batch[-1].line)
            advance(table.lines)
        return summary

    def _companies(self, session: Session, rows: list[CompanyRow], given: tuple[str, ...]) -> list[Reject]:
        ids = [row.source_id for row in rows]
        before = queries.company_names(session, **self._scope, source_ids=ids)
        self._upsert(session, Company, self._values(rows, given))
        renamed = [row.source_id for row in rows if before.get(row.source_id, row.name) != row.name]
        if renamed:
            ours = queries.companies_by_source(session, **self._scope, source_ids=renamed)
            queries.fold_companies(session, workspace_id=self.workspace_id, company_ids=ours.values())
        return []

    def _contacts(self, session: Session, rows: list[ContactRow], given: tuple[str, ...]) -> list[Reject]:
        rows, rejects = self._welcome(session, rows, "email")
        named = {id: row.company for row in rows if (id := _company_id(row)) and row.company}
        companies, names = self._companies_of(session, named, {id for row in rows if (id := _company_id(row))})
        values = self._values(rows, given)
        for row, value in zip(rows, values, strict=True):
            company = _company_id(row)
            if "company_id" in value:
                value["company_id"] = companies.get(company or "")
            value["consent_origin"] = self.source
            name = names.get(company or "")
            value |= queries.searchable(self.workspace_id, row.first_name, row.last_name, name, row.email)
        self._upsert(session, Contact, values)
        if not {"first_name", "last_name", "company_id"} <= set(given):  # the record may hold more than the file gives
            queries.fold_names(session, **self._scope, source_ids={row.source_id for row in rows})
        queries.spread_blocks(session, workspace_id=self.workspace_id, emails=[row.email for row in rows])
        return rejects

    def _companies_of(
        self, session: Session, named: dict[str, str], wanted: set[str]
    ) -> tuple[dict[str, int], dict[str, str]]:
        """Ids and names of companies by source id; one that is only named beside a contact is written down first."""
        names = queries.company_names(session, **self._scope, source_ids=wanted)
        missing = [{**self._scope, "source_id": id, "name": name} for id, name in named.items() if id not in names]
        self._upsert(session, Company, missing)
        names |= {row["source_id"]: row["name"] for row in missing}
        return queries.companies_by_source(session, **self._scope, source_ids=wanted), names

    def _deals(self, session: Session, rows: list[DealRow], given: tuple[str, ...]) -> list[Reject]:
        companies = queries.companies_by_source(session, **self._scope, source_ids=_ids(rows, "company_id"))
        contacts = queries.contacts_by_source(session, **self._scope, source_ids=_ids(rows, "contact_id"))
        values = self._values(rows, given)
        for row, value in zip(rows, values, strict=True):
            value["company_id"] = companies.get(row.company_id or "")
            value["contact_id"] = contacts.get(row.contact_id or "")
            value["is_open"] = row.is_open is not False
        self._upsert(session, Deal, values)
        return []

    def _events(self, session: Session, rows: list[EventRow], given: tuple[str, ...]) -> list[Reject]:
        contacts = queries.contacts_by_source(session, **self._scope, source_ids=_ids(rows, "contact_id"))
        deals = queries.deals_by_source(session, **self._scope, source_ids=_ids(rows, "deal_id"))
        rejects = []
        for row in rows:
            if row.contact_id not in contacts:
                reason = f"contact_id: no contact {row.contact_id!r} in this import; add it to the contacts file"
                rejects.append(Reject(row.line, reason, f"{row.source_id},{row.contact_id},{row.kind}"))
        # By contact, which is how the indexes lie: rows in the order of time would touch every page of them.
        known = sorted((row for row in rows if row.contact_id in contacts), key=lambda row: contacts[row.contact_id])
        values = self._values(known, given)
        for row, value in zip(known, values, strict=True):
            value["contact_id"], value["deal_id"] = contacts[row.contact_id], deals.get(row.deal_id or "")
        self._upsert(session, Event, values)
        return rejects

    def _emails(
        self, cleaning: EmailCleaning, session: Session, rows: list[EmailRow], _given: tuple[str, ...]
    ) -> list[Reject]:
        rows, rejects = self._welcome(session, rows, "to_email")
        values = []
        for row in rows:
            contact = queries.contact_by_email(session, workspace_id=self.workspace_id, email=row.to_email)
            clean = cleaning.clean(row, _names(session, row, contact))
            if isinstance(clean, Reject):
                rejects.append(clean)
            else:
                values.append(self._pair(session, clean, contact))
        self._upsert(session, Pair, values)
        return rejects

    def _pair(self, session: Session, row: EmailRow, contact: Contact | None) -> dict[str, Any]:
        """A past email with the brief as the record stood when it was sent."""
        goal, playbook = row.goal or row.subject, row.playbook or briefs.DEFAULT_PLAYBOOK
        sender = (contact.owner if contact else None) or _name_in(row.from_email)
        if contact:
            brief = briefs.build(
                session,
                contact=contact,
                goal=goal,
                note=None,
                sender=sender,
                playbook=playbook,
                at=row.sent_at,
                zone=self.zone,
            )
        else:
            brief = briefs.thin(
                email=row.to_email, goal=goal, sender=sender, playbook=playbook, at=row.sent_at, zone=self.zone
            )
        return {
            "workspace_id": self.workspace_id,
            "source": f"emails:{self.source}",
            "source_id": row.source_id,
            "contact_id": contact.id if contact else None,
            "account": brief.account,
            "verdict": Verdict.imported,
            "brief": brief.model_dump(mode="json"),
            "messages": [],
            "final": joined(row.subject, row.body),
            "reviewer": row.from_email or (contact.owner if contact else None),
            "prompt_version": PROMPT_VERSION,
            "opened": row.opened,
            "replied": row.replied,
            "at": row.sent_at,
            "written_at": utc_now(),
        }

    def _welcome(self, session: Session, rows: list[Any], address: str) -> tuple[list[Any], list[Reject]]:
        """Rows about anybody but those who asked to be forgotten."""
        given = [getattr(row, address) for row in rows if getattr(row, address)]
        gone = queries.forgotten(session, workspace_id=self.workspace_id, emails=given)
        reason = f"{address}: this person was erased with `afterword forget`"
        rejects = [Reject(row.line, reason, row.source_id) for row in rows if getattr(row, address) in gone]
        return [row for row in rows if getattr(row, address) not in gone], rejects

    @property
    def _scope(self) -> dict[str, Any]:
        return {"workspace_id": self.workspace_id, "source": self.source}

    def _values(self, rows: list[Any], given: tuple[str, ...]) -> list[dict[str, Any]]:
        """The columns that the file gives; an upsert leaves the others as they stand."""
        if not rows:
            return []
        present = {f.name for f in fields(rows[0])} - {"line", "company"}
        names = [name for name in dict.fromkeys(("source_id", *given)) if name in present]
        read, scope = attrgetter(*names, "source_id"), self._scope
        return [{**scope, **dict(zip(names, read(row), strict=False))} for row in rows]

    def _upsert(self, session: Session, table: type[SQLModel], values: list[dict[str, Any]]) -> None:
        unique = {value["source_id"]: value for value in values}  # the later line of a file wins
        queries.upsert(session, table=table, rows=list(unique.values()))


def _ids(rows: list[Any], name: str) -> set[str]:
    return {getattr(row, name) for row in rows if getattr(row, name)}


def _company_id(row: ContactRow) -> str | None:
    """A company without an id goes by its name."""
    return row.company_id or (f"name:{queries.folded(row.company)}"[:200] if row.company else None)


def _names(session: Session, row: EmailRow, contact: Contact | None) -> list[str]:
    """What stands for the recipient in an email: names, company, and the parts of the address."""
    company = None
    if contact and contact.company_id:
        company = queries.company(session, workspace_id=contact.workspace_id, company_id=contact.company_id)
    known = [contact.first_name, contact.last_name] if contact else []
    return [name for name in (*known, company.name if company else None, row.to_email.replace("_", " ")) if name]


def _name_in(address: str | None) -> str:
    """ "maya.lindqvist@…" → "Maya Lindqvist"; without an address the model signs for the team."""
    if not address:
        return "The team"
    local = address.partition("@")[0]
    return " ".join(part.capitalize() for part in local.replace("_", ".").replace("-", ".").split(".") if part)


def _batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
