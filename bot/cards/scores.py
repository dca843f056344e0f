"""The lead score on a card: never a bare number, always its reasons and what to do next."""

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from model.lead_score import LeadScore

REASONS_SHOWN = 6


def lead_score_blocks(score: LeadScore) -> list[Block]:
    """Two blocks for the card of a draft: the score with its reasons, and the next best action."""
    lines = [f"• {inline(str(reason), 200)}" for reason in score.reasons[:REASONS_SHOWN]]
    more = len(score.reasons) - REASONS_SHOWN
    hidden = sum(reason.points for reason in score.reasons[REASONS_SHOWN:])
    rest = [f"• {more} smaller reason{'' if more == 1 else 's'}: {hidden:+d}"] if more > 0 else []
    none = ["• nothing on record speaks for it yet"] if not lines else []
    return [
        bk.section(bk.fit([f"*Lead score {score.score} of 100*", *lines, *rest, *none])),
        bk.context(f"*Next:* {inline(score.next_action, 300)}"),
    ]
