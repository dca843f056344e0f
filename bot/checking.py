"""What a text is held against: the same checks for draft, approval and edit, on the record as it then stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import briefs
from bot.house import House
from bot.leaks import Leaks
from bot.settings import Settings
from bot.voices import Voices
from model import facts, guardrails
from model.brief import Brief
from model.facts import Support
from model.findings import CONSENT, Finding, Severity
from model.playbook import PLAIN, Playbook, Playbooks
from model.strangers import NOBODY, Strangers
from model.voice import Voice
from storage import queries
from storage.database import Database
from storage.tables import Contact, Draft


@dataclass(frozen=True)
class Standards:
    """Everything beside the record that decides about the texts of a workspace."""

    voice: Voice
    zone: ZoneInfo
    playbooks: Mapping[str, Playbook] = field(default_factory=Playbooks)
    strangers: Strangers = NOBODY
    house: frozenset[str] = frozenset()  # slotted sentences that several customers got

    def playbook(self, name: str) -> Playbook:
        """The playbook of this name, the plainest where it is gone; `check_again` lets nothing out then."""
        return self.playbooks.get(name, PLAIN)

    def findings(self, subject: str, body: str, brief: Brief, *, finished: bool = True) -> list[Finding]:
        """What is wrong or doubtful with a text, blocking findings first."""
        return guardrails.check(
            subject,
            body,
            brief,
            self.voice,
            playbook=self.playbook(brief.playbook),
            strangers=self.strangers,
            house=self.house,
            finished=finished,
        )

    def evidence(self, subject: str, body: str, brief: Brief) -> list[Support]:
        """For each sentence that states a fact, what it rests on."""
        return facts.evidence(subject, body, brief, self.voice, self.playbook(brief.playbook), self.house)


def by_workspace(settings: Settings, database: Database) -> Callable[[int], Standards]:
    """The standards of any workspace, by its id, as they stand when asked for.

    A new voice file is kept on the way, so ask before a transaction.
    """
    playbooks = Playbooks([settings.playbooks])
    voices, leaks, house = Voices(settings.home, database), Leaks(database), House(database)

    def standards(workspace_id: int) -> Standards:
        return Standards(
            voice=voices(workspace_id),
            zone=settings.timezone,
            playbooks=playbooks,
            strangers=leaks(workspace_id),
            house=house(workspace_id),
        )

    return standards


def barred(contact: Contact, so: str) -> str | None:
    """Why nobody may write to this contact, ending in what follows from it; None when somebody may."""
    name = " ".join(filter(None, (contact.first_name, contact.last_name))) or contact.email
    if contact.do_not_contact:
        return f"{name} asked not to be contacted, {so}"
    if contact.email_opt_out:
        return f"{name} opted out of email, {so}"
    if contact.bounced:
        return f"Mail to {contact.email} bounced. Correct the address in the CRM and import it again."
    return None


def no_consent(reason: str) -> Finding:
    return Finding(CONSENT, Severity.block, reason)


def brief_of(session: Session, draft: Draft, contact: Contact, book: Playbook, zone: ZoneInfo) -> Brief:
    """What the record says about the contact, up to the moment the draft was asked for."""
    return briefs.build(
        session,
        contact=contact,
        goal=draft.goal,
        note=draft.note,
        sender=contact.owner or draft.sender,  # the email leaves from the mailbox of who owns the relation
        playbook=draft.playbook,
        at=draft.requested_at,
        zone=zone,
        book=book,
    )


def check_again(
    session: Session, draft: Draft, subject: str, body: str, *, standards: Standards, now: datetime
) -> list[Finding]:
    """What the checks say of a text that is about to leave: consent and record as they are now.

    A relative date is read from now as well: "yesterday" of a draft from Friday is wrong on Monday.
    """
    contact = queries.contact(session, workspace_id=draft.workspace_id, contact_id=draft.contact_id)
    assert contact is not None, "a draft goes with its contact"
    if reason := barred(contact, "so this must not go out."):
        return [no_consent(reason)]
    if draft.playbook not in standards.playbooks:
        said = f"The playbook {draft.playbook!r} is gone or has a mistake, so nobody can check what it requires."
        return [Finding("playbook", Severity.block, f"{said} `afterword playbooks check` says which.")]
    brief = brief_of(session, draft, contact, standards.playbook(draft.playbook), standards.zone)
    return standards.findings(subject, body, brief.model_copy(update={"at": now.astimezone(standards.zone)}))


def known_to_writer(findings: Sequence[Finding], drafted: str) -> list[Finding]:
    """A fact that a person put into a draft is theirs to know, so it only asks for a look; a promise stays a promise.

    What the draft had stated already and they let stand goes on blocking.
    """
    had = _plain(drafted)
    return [
        replace(finding, severity=Severity.warn)
        if finding.rule in facts.KNOWABLE and _plain(finding.span) not in had
        else finding
        for finding in findings
    ]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def blocking(findings: Sequence[Finding]) -> list[Finding]:
    """Those that keep a text from leaving."""
    return [finding for finding in findings if finding.severity is Severity.block]
