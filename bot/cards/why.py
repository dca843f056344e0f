"""Why a draft says what it says: behind a button, so that the card stays short."""

from collections.abc import Sequence
from typing import Any

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from bot.cards.drafts import author, recipient
from bot.cards.words import amount, counted, day
from storage.tables import Contact, Draft

SENTENCES = 40  # a draft has a dozen; a modal holds a hundred blocks


def why_view(draft: Draft, contact: Contact, *, adapter: int | None) -> Block:
    """What each sentence rests on, the CRM facts used and who wrote it."""
    return {
        "type": "modal",
        "title": bk.plain("Why this text", bk.TITLE),
        "close": bk.plain("Close", bk.TITLE),
        "blocks": [
            bk.context(recipient(draft, contact)),
            *_evidence(draft.evidence),
            bk.divider(),
            *_facts(draft.brief or {}),
            bk.divider(),
            bk.section(_author(draft, adapter)),
        ],
    }


def _author(draft: Draft, adapter: int | None) -> str:
    """Who wrote it, and what was asked for."""
    lines = [author(adapter), f"*Goal:* {inline(draft.goal, 500)}" if draft.goal.strip() else ""]
    lines += [f"*Note:* {inline(draft.note, 500)}" if draft.note else ""]
    return "\n".join(line for line in lines if line)


def _evidence(found: Sequence[dict[str, Any]]) -> list[Block]:
    """For each sentence that states a fact, the record or event it rests on."""
    if not found:
        return [bk.section("No sentence of this draft states a fact.")]
    more = len(found) - SENTENCES
    left = [bk.context(f"…and {counted(more, 'more sentence')}")] if more > 0 else []
    return [bk.section("*Each sentence that states a fact rests on*"), *map(_sentence, found[:SENTENCES]), *left]


def _sentence(support: dict[str, Any]) -> Block:
    rests_on = [f"• {inline(fact, 240)}" for fact in support["rests_on"]] or ["• nothing on record"]
    return bk.section(bk.fit([f"“{inline(support['sentence'], 400)}”", *rests_on]))


def _facts(brief: dict[str, Any]) -> list[Block]:
    lines = [*_company(brief.get("company")), *_deal(brief.get("deal"))]
    lines += map(_event, brief.get("events") or ())
    if not lines:
        return [bk.section("*CRM facts used:* none. There is nothing on record about this contact yet.")]
    return [bk.section(bk.fit(["*CRM facts used*", *lines]))]


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
