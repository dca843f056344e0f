"""Who is held out, and what counts how much."""

from dataclasses import replace
from datetime import timedelta

import pytest

from model.brief import Company
from model.pairs import HELD_OUT_SHARE, Pair, held_out, split
from tests.fakes import MONDAY
from tests.rows import brief


def pair(number: int, **changes: object) -> Pair:
    account = f"Account {number % 40}"
    row = Pair(
        id=number,
        account=account,
        verdict="edited",
        brief=brief(company=Company(name=account)),
        drafted="Subject: x\n\nDear Dana",
        final="Subject: Hello\n\nMorning Dana, see you on Thursday.",
        at=MONDAY - timedelta(hours=number),
    )
    return replace(row, **changes)  # type: ignore[arg-type]


PAIRS = [pair(n) for n in range(200)]


def test_no_account_stands_on_both_sides() -> None:
    parts = split(PAIRS)
    assert not {p.account for p in parts.train} & {p.account for p in parts.held_out}
    assert parts.train and parts.held_out


def test_an_account_never_changes_sides_as_pairs_come_in() -> None:
    before, after = split(PAIRS[:100]), split(PAIRS)
    assert {p.account for p in before.held_out} <= {p.account for p in after.held_out} | {
        name for name in (p.account for p in PAIRS) if held_out(name)
    }
    assert not {p.account for p in before.train} & {p.account for p in after.held_out}


def test_the_share_held_out_is_as_stated() -> None:
    share = sum(held_out(f"company {n}") for n in range(4000)) / 4000
    assert share == pytest.approx(HELD_OUT_SHARE, abs=0.02)


def test_reviewed_texts_judge_before_past_emails() -> None:
    mixed = [replace(p, verdict="imported") if p.id % 2 else p for p in PAIRS]
    held = split(mixed).held_out
    assert all(p.reviewed for p in held[: sum(p.reviewed for p in held)])


def test_discarded_drafts_are_not_learned() -> None:
    parts = split([replace(p, final=None, verdict="discarded") for p in PAIRS])
    assert not parts.train and not parts.held_out
