"""The card of one draft, from the placeholder to the decision."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline, person
from bot.cards.deliveries import delivery as delivery_blocks
from bot.cards.ids import (
    AGAIN,
    APPROVE,
    DECISION_BLOCK,
    DISCARD,
    EDIT,
    GOAL_LIMIT,
    WHY,
    Ticket,
)
from bot.cards.menu import menu
from bot.cards.tones import toned
from bot.cards.words import contact_name, counted, moment, role
from bot.watching import Progress
from model.findings import CONSENT
from storage.tables import Contact, Delivery, Draft, Review, Verdict

VERDICTS = {
    Verdict.approved: "Approved",
    Verdict.edited: "Edited and approved",
    Verdict.discarded: "Discarded",
}


def waiting(draft: Draft, contact: Contact, progress: Progress | None = None) -> Block:
    """The placeholder, until there is a draft to show; with how far it has come, where that takes long."""
    which = f"a {draft.tone}" if draft.tone else "another" if draft.version > 2 else "a"
    text = f"Drafting {which} follow-up to {inline(contact_name(contact))}…"
    lines = [f"Goal: {inline(draft.goal, GOAL_LIMIT)}"] if draft.goal.strip() else []
    lines += [_so_far(progress)] if progress else []
    return bk.message(text, [bk.section(text), *([bk.context("\n".join(lines))] if lines else [])])


def _so_far(progress: Progress) -> str:
    seconds = counted(round(progress.seconds), "second")
    if not progress.words:
        return f"At work for {seconds}"
    versions = f" in {progress.versions} versions to choose from" if progress.versions > 1 else ""
    return f"{counted(progress.words, 'word')} so far{versions}, after {seconds}"


def card(draft: Draft, contact: Contact, *, adapter: int | None) -> Block:
    """A draft that waits for a decision; `adapter` is the version that wrote it, None for the base model."""
    return bk.message(
        f"Draft for {inline(contact_name(contact))}: {inline(draft.subject, 300)}",
        [
            bk.context(recipient(draft, contact)),
            *_email(draft.subject or "", draft.body or "", kept="Edit shows all of it."),
            bk.divider(),
            *findings(draft.findings),
            bk.context("\n".join([*toned(draft.toned), author(adapter)])),
            bk.actions(DECISION_BLOCK, _buttons(ticket(draft), draft.findings)),
        ],
    )


def failed(draft: Draft, contact: Contact) -> Block:
    """A draft that could not be written: what happened, and what to do about it."""
    text = f"I could not draft the follow-up to {inline(contact_name(contact))}."
    reason = inline(draft.error, 600) or "Something went wrong on my side."
    again = bk.button("Try again", AGAIN, str(ticket(draft)))
    remedy = f"Nothing was sent. If you ask your admin about it, quote draft {draft.id}."
    return bk.message(
        text,
        [bk.section(f"*{text}*\n{reason}"), bk.actions(DECISION_BLOCK, [again]), bk.context(remedy)],
    )


def decided(
    draft: Draft,
    contact: Contact,
    review: Review,
    *,
    changed: tuple[int, int] | None,
    zone: ZoneInfo,
    delivery: Delivery | None = None,
) -> Block:
    """A closed card: who, when, the verdict, what goes where. `changed` is (words changed, words) of an edit."""
    verdict = Verdict(review.verdict)
    name = inline(contact_name(contact))
    line = f"*{VERDICTS[verdict]}* by {person(review.reviewer)} on {moment(review.at, zone)}"
    to = bk.context(recipient(draft, contact))
    if verdict == Verdict.discarded:
        said = f"{line}{_because(review.reason)}. Nothing goes out."
        return bk.message(f"Draft for {name} discarded", [to, bk.section(said)])
    subject = review.subject if review.subject is not None else draft.subject
    body = review.body if review.body is not None else draft.body
    email = _email(subject or "", body or "", kept="All of it is kept.")
    return bk.message(
        f"{VERDICTS[verdict]}: follow-up to {name}",
        [
            to,
            *email,
            bk.divider(),
            bk.section(f"{line}{_changed(changed)}."),
            *_noted(review),
            *delivery_blocks(delivery, ticket(draft)),
        ],
    )


def unshowable(draft: Draft, reference: str) -> Block:
    """When Slack refuses a card that it should not: the person hears of it, with something to quote."""
    text = (
        f"Draft {draft.id} is ready, but could not be shown. Nothing is lost: Afterword keeps it."
        f" Please tell your admin, and quote {reference}."
    )
    return bk.message(text, [bk.section(text)])


def ticket(draft: Draft) -> Ticket:
    assert draft.id is not None, "a draft without a row has no card"
    return Ticket(draft.id, draft.version)


def recipient(draft: Draft, contact: Contact) -> str:
    """Who the email is for, in one line."""
    company = ((draft.brief or {}).get("company") or {}).get("name")
    parts = [f"To *{inline(contact_name(contact))}*", role(contact.title, company), inline(contact.email)]
    return " · ".join(part for part in parts if part)


def blocked(found: Sequence[dict[str, Any]]) -> bool:
    """Whether something keeps the text from leaving."""
    return any(finding["severity"] == "block" for finding in found)


def barred(found: Sequence[dict[str, Any]]) -> bool:
    """Whether nobody may write to the contact, whatever the text."""
    return any(finding["rule"] == CONSENT for finding in found)


def findings(found: Sequence[dict[str, Any]]) -> list[Block]:
    """What the checks noticed, the grave ones first, and what to do about it."""
    if not found:
        return []
    heading = "*Before you approve*"
    if barred(found):
        heading = "*This cannot go out.* No edit helps; press Discard."
    elif blocked(found):
        heading = "*This cannot go out as it is.* Edit it and change what must be fixed; what you submit then goes out."
    ordered = sorted(found, key=lambda finding: finding["severity"] != "block")
    return [bk.section(bk.fit([heading, *map(_finding, ordered)]))]


def _finding(finding: dict[str, Any]) -> str:
    word = "Must be fixed" if finding["severity"] == "block" else "Please check"
    return f"• *{word}:* {_reason(finding)}"


def _reason(finding: dict[str, Any]) -> str:
    rule = inline(str(finding["rule"]).replace("_", " "), 60)
    return f"{inline(finding['reason'], 300)} ({rule})"


def _because(reason: str | None) -> str:
    if not reason:
        return ""
    kind, _, own = reason.partition(":")
    return f", {inline(kind, 60)}" + (f" (“{inline(own, 300)}”)" if own.strip() else "")


def _noted(review: Review) -> list[Block]:
    """What the checks said of the text that goes out, and who overrode what."""
    blocks = [f"• {_reason(finding)}" for finding in review.findings if finding["severity"] == "block"]
    warnings = [f"• {_reason(finding)}" for finding in review.findings if finding["severity"] != "block"]
    shown = []
    if blocks:
        why = f"{person(review.reviewer)} sent it all the same, because “{inline(review.reason, 600)}”. Overridden:"
        shown.append(bk.section(bk.fit([why, *blocks])))
    if warnings:
        shown.append(bk.context(bk.fit(["*Noticed, and left to you*", *warnings])))
    return shown


def _buttons(to: Ticket, found: Sequence[dict[str, Any]]) -> list[Block]:
    """Only what the server will accept: no Approve while something blocks, and for nobody's contact only Discard."""
    value = str(to)
    if barred(found):
        return [bk.button("Discard…", DISCARD, value)]
    more = [bk.button("Why this text", WHY, value), menu(to)]
    if blocked(found):
        return [bk.button("Edit", EDIT, value, style="primary"), *more]
    return [bk.button("Approve", APPROVE, value, style="primary"), bk.button("Edit", EDIT, value), *more]


def _email(subject: str, body: str, *, kept: str) -> list[Block]:
    """Subject and body as they go out; what does not fit is shortened and says so."""
    subject, body = subject.strip(), body.strip()
    shown = [bk.header(subject), bk.paragraph(body, "email")]
    if bk.size(subject) > bk.HEADER or bk.size(body) > bk.SECTION:
        shown.append(bk.context(f"Shortened here to fit; the full text is kept. {kept}"))
    return shown


def author(adapter: int | None) -> str:
    learned = f"trained on your team's edits (adapter {adapter})" if adapter else "not yet trained on your edits"
    return f"Written by a language model {learned}. Read it before it goes out."


def _changed(changed: tuple[int, int] | None) -> str:
    if changed is None:
        return ""
    words, total = changed
    return f"; {words} of {total} words changed" if words else "; only the subject or the layout changed"
