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
    Ticket,
)
from bot.cards.words import amount, contact_name, counted, day, moment, role
from model.findings import CONSENT
from storage.tables import Contact, Delivery, Draft, Review, Verdict

VERDICTS = {
    Verdict.approved: "Approved",
    Verdict.edited: "Edited and approved",
    Verdict.discarded: "Discarded",
}


def waiting(draft: Draft, contact: Contact) -> Block:
    """The placeholder, until there is a draft to show."""
    text = f"Drafting {'another' if draft.version > 2 else 'a'} follow-up to {inline(contact_name(contact))}…"
    goal = [bk.context(f"Goal: {inline(draft.goal, GOAL_LIMIT)}")] if draft.goal.strip() else []
    return bk.message(text, [bk.section(text), *goal])


def card(draft: Draft, contact: Contact, *, adapter: int | None) -> Block:
    """A draft that waits for a decision; `adapter` is the version that wrote it, None for the base model."""
    return bk.message(
        f"Draft for {inline(contact_name(contact))}: {inline(draft.subject, 300)}",
        [
            bk.context(recipient(draft, contact)),
            *_email(draft.subject or "", draft.body or "", kept="Edit shows all of it."),
            *_evidence(draft.evidence),
            bk.divider(),
            *findings(draft.findings),
            *_facts(draft.brief or {}),
            bk.context(_author(adapter)),
            bk.actions(DECISION_BLOCK, _buttons(str(ticket(draft)), draft.findings)),
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
        return bk.message(f"Draft for {name} discarded", [to, bk.section(f"{line}. Nothing goes out.")])
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
        f"Draft {draft.id} is ready, but Slack would not show it. Nothing is lost: Afterword keeps it."
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


def _buttons(value: str, found: Sequence[dict[str, Any]]) -> list[Block]:
    """Only what the server will accept: no Approve while something blocks, and for nobody's contact only Discard."""
    gone = bk.confirm(
        "Discard this draft?",
        "Nothing will be sent, and the draft cannot be brought back. You can always ask for a new one.",
        "Discard",
        "Keep it",
        style="danger",
    )
    discard = bk.button("Discard", DISCARD, value, confirm=gone)
    again = bk.button("Try again", AGAIN, value)
    if barred(found):
        return [discard]
    if blocked(found):
        return [bk.button("Edit", EDIT, value, style="primary"), again, discard]
    return [bk.button("Approve", APPROVE, value, style="primary"), bk.button("Edit", EDIT, value), again, discard]


def _email(subject: str, body: str, *, kept: str) -> list[Block]:
    """Subject and body as they go out; what does not fit is shortened and says so."""
    subject, body = subject.strip(), body.strip()
    shown = [bk.header(subject), bk.paragraph(body, "email")]
    if bk.size(subject) > bk.HEADER or bk.size(body) > bk.SECTION:
        shown.append(bk.context(f"Shortened here to fit into Slack; the full text is kept. {kept}"))
    return shown


def _evidence(found: Sequence[dict[str, Any]]) -> list[Block]:
    """For each sentence that states a fact, the record or event it rests on."""
    lines = [
        f"• “{inline(each['sentence'], 120)}”: {inline('; '.join(each['rests_on']), 240) or 'nothing on record'}"
        for each in found
    ]
    return [bk.context(bk.fit(["*Rests on*", *lines]))] if lines else []


def _facts(brief: dict[str, Any]) -> list[Block]:
    lines = [*_company(brief.get("company")), *_deal(brief.get("deal"))]
    lines += map(_event, brief.get("events") or ())
    if not lines:
        return [bk.context("*CRM facts used:* none. There is nothing on record about this contact yet.")]
    return [bk.context(bk.fit(["*CRM facts used*", *lines]))]


def _company(company: dict[str, Any] | None) -> list[str]:
    if not company:
        return []
    industry = f" ({inline(company['industry'], 80)})" if company.get("industry") else ""
    return [f"• Company: {inline(company['name'])}{industry}"]


def _deal(deal: dict[str, Any] | None) -> list[str]:
    if not deal:
        return []
    parts = [inline(deal["name"]), inline(deal.get("stage"), 80)]
    parts += [amount(deal["amount"])] if deal.get("amount") is not None else []
    parts += [f"closes {day(deal['close_date'])}"] if deal.get("close_date") else []
    return ["• Deal: " + ", ".join(part for part in parts if part)]


def _event(event: dict[str, Any]) -> str:
    """A roll-up has a count, and no date of its own worth quoting."""
    kind = inline(str(event["kind"]).replace("_", " "), 40)
    subject = f": {inline(event['subject'], 120)}" if event.get("subject") else ""
    if count := event.get("count"):
        return f"• {kind.capitalize()}, {counted(count, 'time')}{subject}"
    return f"• {day(event['at'])}, {kind}{subject}"


def _author(adapter: int | None) -> str:
    learned = f"trained on your team's edits (adapter {adapter})" if adapter else "not yet trained on your edits"
    return f"Written by a language model {learned}. Read it before it goes out."


def _changed(changed: tuple[int, int] | None) -> str:
    if changed is None:
        return ""
    words, total = changed
    return f"; {words} of {total} words changed" if words else "; only the subject or the layout changed"
