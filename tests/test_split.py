"""Who is held out."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from model.brief import Company
from model.pairs import Pair
from model.split import GATE_CONTEXTS, PER_ACCOUNT, held_out, split
from tests.fakes import MONDAY
from tests.rows import brief


def pair(number: int, accounts: int = 40) -> Pair:
    account = f"Account {number % accounts}"
    return Pair(
        id=number,
        account=account,
        verdict="edited",
        brief=brief(company=Company(name=account)),
        drafted="Subject: x\n\nDear Dana",
        final="Subject: Hello\n\nMorning Dana.",
        at=MONDAY + timedelta(hours=number),
    )


PAIRS = [pair(n) for n in range(200)]
ORDER = [f"Account {n}" for n in range(40)]


def test_no_account_stands_on_both_sides() -> None:
    parts = split(PAIRS, ORDER)
    assert not {p.account for p in parts.train} & {p.account for p in parts.held_out}
    assert parts.train and parts.held_out


def test_an_account_never_changes_sides_as_others_come() -> None:
    early, late = split(PAIRS[:20], ORDER[:20]), split(PAIRS, ORDER)
    assert not {p.account for p in early.held_out} & {p.account for p in late.train}
    assert not {p.account for p in early.train} & {p.account for p in late.held_out}


def test_one_day_is_enough_for_a_first_test_and_later_most_is_for_training() -> None:
    shares = [sum(map(held_out, range(count))) for count in (12, 20, 200)]
    assert shares[0] >= 6, "six accounts are the least that a test can pass with"
    assert shares[2] / 200 < 0.2


def test_the_newest_of_each_account_judge_and_none_judges_alone() -> None:
    parts = split(PAIRS, ORDER)
    assert len(parts.held_out) <= GATE_CONTEXTS
    assert max(Counter(p.account for p in parts.held_out).values()) <= PER_ACCOUNT
    newest = max(p.id for p in PAIRS if p.account == parts.held_out[0].account)
    assert parts.held_out[0].id == newest


def test_past_emails_judge_only_while_there_are_few_reviews() -> None:
    past = [replace(p, verdict="imported") for p in PAIRS[:100]]
    assert all(p.reviewed for p in split([*past, *PAIRS[100:]], ORDER).held_out)
    assert split(past, ORDER).held_out


def test_an_accounts_reviews_and_past_emails_count_together() -> None:
    accounts = ORDER[:8]
    mixed = [pair(n, accounts=8) for n in range(64)]
    mixed = [replace(p, verdict="imported") if p.id % 16 < 8 else p for p in mixed]
    few = [replace(p, verdict="imported") if p.account in ("Account 5", "Account 7") else p for p in mixed]
    counts = Counter(p.account for p in split(few, accounts).held_out)
    assert counts == dict.fromkeys(("Account 1", "Account 3", "Account 5", "Account 7"), PER_ACCOUNT)


def test_discarded_drafts_are_not_learned() -> None:
    parts = split([replace(p, final=None, verdict="discarded") for p in PAIRS], ORDER)
    assert not parts.train and not parts.held_out
