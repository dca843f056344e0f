"""The card of one learned rule: the question, and what was decided."""

from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline, person
from bot.cards.ids import RULE_BLOCK, RULE_NO, RULE_UNDO, RULE_USE
from bot.cards.words import moment
from model.rules import Rule, effect, question, sentence
from storage import tables

RULE_GONE = "This rule is not here any more."
LIMIT = 1_000  # of a rule's text; a phrase has some dozen words


def proposal(rule: Rule, row: tables.Rule) -> Block:
    """What people keep doing to drafts, and whether drafts should come like that."""
    said = inline(sentence(rule), LIMIT)
    use = bk.button("Use this rule", RULE_USE, str(row.id), style="primary")
    no = bk.button("Do not use it", RULE_NO, str(row.id))
    return bk.message(
        said,
        [
            bk.section(f"{said}\n*{inline(question(rule), LIMIT)}*"),
            bk.actions(RULE_BLOCK, [use, no]),
            bk.context("A rule holds for every draft from the next one on. You can undo it here at any time."),
        ],
    )


def rule_decided(rule: Rule, row: tables.Rule, zone: ZoneInfo) -> Block:
    """Who decided what, and the way back from a rule that is in use."""
    by = f"by {person(row.decided_by or '')}"
    on = f" on {moment(row.decided_at, zone)}" if row.decided_at else ""
    said = inline(effect(rule), LIMIT)
    if row.status == tables.RuleStatus.accepted:
        undo = bk.button("Undo", RULE_UNDO, str(row.id))
        text = f"New rule: {said}"
        return bk.message(text, [bk.section(f"*New rule:* {said}\nAccepted {by}{on}."), bk.actions(RULE_BLOCK, [undo])])
    text = f"Rule not used: {said}"
    return bk.message(text, [bk.section(f"*Rule not used:* {said}\nDeclined {by}{on}. I will not ask again.")])
