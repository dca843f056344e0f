"""The edit modal: one line for the subject, one input for the body, more where the body does not fit into one."""

import json
from collections.abc import Mapping, Sequence

from bot.cards import blocks as bk
from bot.cards.blocks import Block
from bot.cards.drafts import barred, blocked, findings, recipient, ticket
from bot.cards.ids import (
    BODY_BLOCK,
    EDIT_VIEW,
    INPUTS,
    OVERRIDE_BLOCK,
    SUBJECT_BLOCK,
    TEXT_ACTION,
    Ticket,
    body_block,
)
from model.findings import CONSENT, Finding
from storage.tables import Contact, Draft

FAULT = 300  # characters under a field


def edit_view(draft: Draft, contact: Contact, *, channel: str | None, may_override: bool = False) -> Block | None:
    """The editor; None when the text does not fit into a modal at all.

    Who may override sees where to say why, in a draft that is blocked.
    """
    parts, _ = split_body(draft.body or "")
    if len(parts) > INPUTS or bk.size(draft.subject or "") > bk.INPUT:
        return None
    subject = bk.text_input("Subject", SUBJECT_BLOCK, TEXT_ACTION, draft.subject or "", multiline=False)
    return {
        "type": "modal",
        "callback_id": EDIT_VIEW,
        "private_metadata": _metadata(ticket(draft), channel),
        "title": bk.plain("Edit follow-up", bk.TITLE),
        "submit": bk.plain("Approve this text", bk.TITLE),
        "close": bk.plain("Cancel", bk.TITLE),
        "blocks": [
            bk.context(f"{recipient(draft, contact)}\nWhat you submit is what goes out."),
            subject,
            *_body_inputs(parts),
            *(_override() if may_override and blocked(draft.findings) and not barred(draft.findings) else ()),
            *findings(draft.findings),
        ],
    }


def field_errors(found: Sequence[Finding], texts: Mapping[str, str]) -> dict[str, str]:
    """What keeps a submitted text from leaving, by the input it stands in; `texts` are the inputs by block id."""
    by_block: dict[str, list[Finding]] = {}
    for finding in found:
        by_block.setdefault(_place(finding, texts), []).append(finding)
    return {block: _fault(those, offered=OVERRIDE_BLOCK in texts) for block, those in by_block.items()}


def _place(finding: Finding, texts: Mapping[str, str]) -> str:
    """The email before the subject: what stands in both is mostly to be changed there."""
    own = [block for block in texts if block not in (SUBJECT_BLOCK, OVERRIDE_BLOCK)]
    holding = (block for block in (*own, SUBJECT_BLOCK) if finding.span and finding.span in texts.get(block, ""))
    return next(holding, BODY_BLOCK)


def _fault(found: Sequence[Finding], *, offered: bool) -> str:
    """The first reason and what to do; plain text, as Slack shows it."""
    first, *others = found
    if first.rule == CONSENT:
        return f"{bk.clamp(first.reason, FAULT)} Press Cancel and then Discard."
    more = f" {len(others)} more must be fixed as well." if others else ""
    otherwise = " Or say below why it should go out all the same." if offered else ""
    return f"{bk.clamp(first.reason, FAULT)}{more} Please change it and submit again.{otherwise}"


def _override() -> list[Block]:
    label = "Send it all the same, because …"
    return [bk.text_input(label, OVERRIDE_BLOCK, TEXT_ACTION, "", multiline=False, optional=True)]


def too_late_view(sentence: str, subject: str, body: str) -> Block:
    """In place of the editor when somebody was faster; the text just written is not thrown away."""
    parts, _ = split_body(body)
    told = f"{sentence}\nYour version was not used. Here it is, in case you want to copy it:"
    own = [bk.paragraph(part.strip(), f"own_{n}") for n, part in enumerate(parts[:INPUTS])]
    return {
        "type": "modal",
        "title": bk.plain("Already decided", bk.TITLE),
        "close": bk.plain("Close", bk.TITLE),
        "blocks": [bk.section(told), bk.header(subject.strip()), *own],
    }


def parse_metadata(text: str) -> tuple[Ticket, str | None]:
    """Which draft a submitted editor is about, and the channel its card stands in."""
    value = json.loads(text)
    return Ticket(int(value["draft_id"]), int(value["version"])), value["channel"]


def split_body(body: str, limit: int = bk.INPUT) -> tuple[list[str], list[str]]:
    """The body in parts of one input each, and what stood between them; paragraphs stay whole where they can."""
    parts: list[str] = []
    joints: list[str] = []
    rest = bk.clean(body)
    while bk.size(rest) > limit:
        window = rest[: bk.fitting(rest, limit)]
        joint = next((joint for joint in ("\n\n", "\n", " ") if window.rfind(joint) > 0), "")
        end = window.rfind(joint) if joint else len(window)
        parts.append(rest[:end])
        joints.append(joint)
        rest = rest[end + len(joint) :]
    return [*parts, rest], joints


def join_body(parts: Sequence[str], joints: Sequence[str]) -> str:
    """The inverse of `split_body`."""
    return parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:], strict=True))


def _body_inputs(parts: Sequence[str]) -> list[Block]:
    labels = ["Email"]
    if len(parts) > 1:
        labels = [f"Email, part {n} of {len(parts)}" for n in range(1, len(parts) + 1)]
    return [
        bk.text_input(label, body_block(n), TEXT_ACTION, part, multiline=True)
        for n, (label, part) in enumerate(zip(labels, parts, strict=True))
    ]


def _metadata(ticket: Ticket, channel: str | None) -> str:
    return json.dumps({"draft_id": ticket.draft_id, "version": ticket.version, "channel": channel})
