"""Approve, edit, discard, try again: one compare-and-set each, with its review and pair in the same transaction.

A text that goes out is checked here once more, on the record as it is now, whatever the card said.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot import checking
from bot.checking import Standards, blocking
from model.brief import Brief
from model.findings import CONSENT, Finding
from model.prompt import joined
from model.repair import next_version
from storage import queries
from storage.tables import DECIDED, Draft, Pair, Review, Status, Tone, Verdict


class NotFound(Exception):
    """No such draft in this workspace."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(f"There is no draft {draft_id} here. `afterword status` lists the drafts that wait.")
        self.draft_id = draft_id


class TooLate(Exception):
    """Someone was faster, or the card is an old one; the sentence says which."""

    def __init__(self, draft: Draft, review: Review | None) -> None:
        super().__init__(_sentence(draft, review))
        self.draft = draft
        self.review = review


def _sentence(draft: Draft, review: Review | None) -> str:
    if review:
        return f"This draft was already {review.verdict} by {review.reviewer}."
    if draft.status in (Status.requested, Status.drafting):
        return "A new version of this draft is being written."
    return "This draft has changed since you opened it. Look at the newest version and decide again."


class Blocked(Exception):
    """The text must not leave as it is. `findings` are what blocks it; the sentence is for the command line."""

    def __init__(self, draft_id: int, findings: Sequence[Finding]) -> None:
        super().__init__(_refusal(draft_id, findings))
        self.findings = tuple(findings)

    @property
    def final(self) -> bool:
        """No edit and no override helps."""
        return any(finding.rule == CONSENT for finding in self.findings)


def _refusal(draft_id: int, findings: Sequence[Finding]) -> str:
    first, *others = findings
    more = f" {len(others)} more must be fixed as well." if others else ""
    if first.rule == CONSENT:
        remedy = f"Turn the draft down with `afterword review {draft_id} --discard`."
    else:
        remedy = f"Write the email to a file and run `afterword review {draft_id} --edit FILE`."
    return f"Draft {draft_id} cannot go out as it is: {first.reason}{more} {remedy}"


def normalised(text: str) -> str:
    """Slack rewrites what people type: one form of letters, one kind of line end, no space at line ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def approve(
    session: Session,
    *,
    workspace_id: int,
    draft_id: int,
    version: int,
    reviewer: str,
    standards: Standards,
    now: datetime,
) -> Draft:
    """Take the draft as it is. Raises Blocked, TooLate or NotFound.

    What blocks it now is noted in its row, so that its card says so too once the transaction is through.
    """
    draft = _draft(session, workspace_id, draft_id)
    final = (draft.subject or "", draft.body or "")
    found = _checked(session, draft, version, final, standards, now)
    if blocks := blocking(found):
        noted = [finding.as_json() for finding in found]
        queries.note_findings(session, workspace_id=workspace_id, draft_id=draft_id, version=version, findings=noted)
        raise Blocked(draft_id, blocks)
    return _decide(session, draft, Verdict.approved, version, reviewer, now, final=final, found=found)


def edit(
    session: Session,
    *,
    workspace_id: int,
    draft_id: int,
    version: int,
    reviewer: str,
    subject: str,
    body: str,
    standards: Standards,
    now: datetime,
    override: str | None = None,
) -> Draft:
    """Take the draft with changes; an edit that changed nothing is an approval. Raises Blocked, TooLate or NotFound.

    What no record holds may be written by a person who knows it; only what the draft made up blocks.
    `override` is why somebody who may do so sends the text although a check blocks it; it goes on record. Nobody
    overrides a contact's no.
    """
    draft = _draft(session, workspace_id, draft_id)
    final = (normalised(subject), normalised(body))
    same = final == (normalised(draft.subject or ""), normalised(draft.body or ""))
    verdict = Verdict.approved if same else Verdict.edited
    found = _checked(session, draft, version, final, standards, now)
    found = checking.known_to_writer(found, joined(draft.subject or "", draft.body or ""))
    blocks = blocking(found)
    refusal = Blocked(draft_id, blocks) if blocks else None
    if refusal and (refusal.final or not override):
        raise refusal
    reason = override if blocks else None
    decided = _decide(session, draft, verdict, version, reviewer, now, final=final, found=found, reason=reason)
    if blocks:
        _audit_override(session, draft, reviewer, reason, blocks)
    return decided


def _checked(
    session: Session, draft: Draft, version: int, final: tuple[str, str], standards: Standards, now: datetime
) -> list[Finding]:
    """What the checks say now. Nothing about a draft that can no longer be decided, which is told as such instead."""
    if draft.status != Status.drafted or draft.version != version:
        return []
    return checking.check_again(session, draft, *final, standards=standards, now=now)


def _audit_override(
    session: Session, draft: Draft, reviewer: str, reason: str | None, blocks: Sequence[Finding]
) -> None:
    named = [{"rule": finding.rule, "span": finding.span} for finding in blocks]
    queries.audit(
        session,
        workspace_id=draft.workspace_id,
        actor=reviewer,
        action="override",
        subject=f"draft {draft.id}",
        detail={"reason": reason, "findings": named},
    )


def discard(
    session: Session,
    *,
    workspace_id: int,
    draft_id: int,
    version: int,
    reviewer: str,
    reason: str | None,
    now: datetime,
) -> Draft:
    """Turn the draft down. Raises TooLate or NotFound."""
    draft = _draft(session, workspace_id, draft_id)
    return _decide(session, draft, Verdict.discarded, version, reviewer, now, final=None, reason=reason)


def regenerate(
    session: Session,
    *,
    workspace_id: int,
    draft_id: int,
    version: int,
    reviewer: str,
    now: datetime,
    tone: Tone | None = None,
) -> Draft:
    """Ask for another version: back to the queue with another seed. Raises TooLate or NotFound.

    Without a `tone` it is another try at what was asked for already, tone and all.
    """
    draft = _draft(session, workspace_id, draft_id)
    source = Status.failed if draft.status == Status.failed else Status.drafted
    changes: dict[str, Any] = {"seed": next_version(draft.seed), "requested_at": now, "error": None}
    if tone:
        changes["tone"] = tone
    _move(session, draft, source, Status.requested, version, changes)
    queries.audit(
        session,
        workspace_id=workspace_id,
        actor=reviewer,
        action="regenerate",
        subject=f"draft {draft_id}",
        detail={"tone": tone} if tone else {},
    )
    session.refresh(draft)
    return draft


def _draft(session: Session, workspace_id: int, draft_id: int) -> Draft:
    draft = queries.draft(session, workspace_id=workspace_id, draft_id=draft_id)
    if draft is None:
        raise NotFound(draft_id)
    return draft


def _move(
    session: Session, draft: Draft, source: Status, target: Status, version: int, changes: dict[str, Any]
) -> None:
    assert draft.id is not None
    moved = queries.move_draft(
        session,
        workspace_id=draft.workspace_id,
        draft_id=draft.id,
        source=source,
        target=target,
        version=version,
        changes=changes,
    )
    if not moved:
        review = queries.review_of(session, workspace_id=draft.workspace_id, draft_id=draft.id)
        raise TooLate(draft, review)


def _decide(
    session: Session,
    draft: Draft,
    verdict: Verdict,
    version: int,
    reviewer: str,
    now: datetime,
    *,
    final: tuple[str, str] | None,
    found: Sequence[Finding] = (),
    reason: str | None = None,
) -> Draft:
    assert draft.id is not None
    target = Status(verdict)
    assert target in DECIDED
    _move(session, draft, Status.drafted, target, version, {})
    subject, body = final or (None, None)
    seconds = (now - draft.drafted_at).total_seconds() if draft.drafted_at else None
    session.add(
        Review(
            workspace_id=draft.workspace_id,
            draft_id=draft.id,
            verdict=verdict,
            reviewer=reviewer,
            subject=subject,
            body=body,
            reason=reason,
            findings=[finding.as_json() for finding in found],
            seconds=seconds,
            at=now,
        )
    )
    queries.add_pair(session, row=_pair(draft, verdict, reviewer, now, final, reason, seconds))
    queries.audit(
        session,
        workspace_id=draft.workspace_id,
        actor=reviewer,
        action=str(verdict),
        subject=f"draft {draft.id}",
        detail={"version": version},
    )
    session.flush()
    session.refresh(draft)
    return draft


def _pair(
    draft: Draft,
    verdict: Verdict,
    reviewer: str,
    now: datetime,
    final: tuple[str, str] | None,
    reason: str | None,
    seconds: float | None,
) -> Pair:
    assert draft.brief is not None and draft.prompt_version is not None, f"draft {draft.id} was never drafted"
    return Pair(
        workspace_id=draft.workspace_id,
        contact_id=draft.contact_id,
        source="review",
        source_id=str(draft.id),
        account=Brief.model_validate(draft.brief).account,
        verdict=verdict,
        brief=draft.brief,
        messages=draft.messages,
        drafted=joined(draft.subject or "", draft.body or ""),
        final=joined(*final) if final else None,
        reason=reason,
        reviewer=reviewer,
        seconds=seconds,
        prompt_version=draft.prompt_version,
        adapter_id=draft.adapter_id,
        at=now,
    )
