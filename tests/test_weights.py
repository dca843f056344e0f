"""What counts how much, and what becomes of a text before it is learned."""

from dataclasses import replace
from datetime import timedelta

import pytest

from model.brief import Company
from model.edit_rate import trust
from model.pairs import CHANGED, KEPT, Pair, changed_spans, examples, weights
from tests.fakes import MONDAY
from tests.rows import brief
from tests.test_prompt import VOICE


def pair(number: int, **changes: object) -> Pair:
    account = f"Account {number % 40}"
    row = Pair(
        id=number,
        account=account,
        verdict="edited",
        brief=brief(company=Company(name=account)),
        drafted="Subject: x\n\nDear Dana",
        final="Subject: Hello\n\nMorning Dana, see you on Thursday.",
        at=MONDAY,
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def test_an_edit_counts_more_than_an_unedited_approval() -> None:
    edited, approved = weights([pair(1), pair(2, verdict="approved")])
    assert approved < 0.5 * edited


def test_a_discard_teaches_nothing_whatever_its_reason() -> None:
    kept, gone = pair(1), pair(2, verdict="discarded", final=None)
    assert len(examples([kept, gone], VOICE)) == 1 and not examples([gone], VOICE)


def test_past_emails_count_by_what_they_earned_beside_their_senders_others() -> None:
    mails = [
        pair(1, verdict="imported", reviewer="maya", replied=True),
        pair(2, verdict="imported", reviewer="maya", opened=True),
        pair(3, verdict="imported", reviewer="maya"),
    ]
    replied, opened, sent = weights(mails)
    assert replied > opened > sent > 0
    alike = [replace(mail, replied=True, opened=True) for mail in mails]
    assert len(set(weights(alike))) == 1, "where every mail is answered, none is better than the others"


def test_taste_moves_on() -> None:
    new, old = weights([pair(1), pair(2, at=MONDAY - timedelta(days=30))])
    assert old == pytest.approx(new / 2)


def test_what_the_house_sent_half_a_year_ago_still_sounds_like_the_house() -> None:
    new, old = weights(
        [pair(n, verdict="imported", at=MONDAY - timedelta(days=days)) for n, days in ((1, 0), (2, 182))]
    )
    assert old == pytest.approx(new * 0.5**0.5, abs=0.01)


def test_one_loud_editor_does_not_drown_the_others() -> None:
    pairs = [pair(n, reviewer="loud") for n in range(40)] + [pair(n, reviewer=f"quiet {n % 2}") for n in range(6)]
    each = weights(pairs)
    assert sum(each[:40]) == pytest.approx(sum(each[40:]))


def test_what_a_person_wrote_counts_more_than_what_they_let_stand() -> None:
    drafted, final = "Dear Dana, I hope you are well, see you on Monday.", "Hi Dana, see you on Friday."
    by_word = {final[start:end]: weight for start, end, weight in changed_spans(drafted, final)}
    assert by_word["Hi"] == by_word["Friday."] == CHANGED
    assert by_word["you"] == by_word["on"] == KEPT * trust(drafted, final)
    assert by_word["see"] == CHANGED, "that it follows here was the person's choice"


def test_what_stands_in_an_email_that_was_written_anew_counts_next_to_nothing() -> None:
    def kept(drafted: str, final: str) -> float:
        return min(weight for *_, weight in changed_spans(drafted, final))

    assert kept("Hi Dana, see you on Monday.", "Hi Dana, see you on Monday.") == KEPT
    assert kept("Hi Dana, see you on Monday.", "Hi Dana, see you on Friday.") > 0.8 * KEPT
    assert (
        kept("Dear sir, we are ever so glad to serve. Thank you all", "Who has time at two? Thank you all") < 0.4 * KEPT
    )


def test_a_past_email_counts_evenly() -> None:
    assert changed_spans("", "Hi Dana") == ()


def test_a_sentence_that_only_the_editor_could_write_is_not_learned() -> None:
    pairs = [pair(n) for n in range(5)]
    odd = pair(9, final="Subject: Hello\n\nMorning Dana, see you on Thursday. I am in Ghent on 14 March.")
    assert "Ghent" not in examples([*pairs, odd], VOICE)[-1].completion


def test_no_name_of_a_person_or_company_reaches_the_training_text() -> None:
    for example in examples([pair(n) for n in range(200)], VOICE):
        text = example.completion + " ".join(m["content"] for m in example.messages)
        assert "Dana" not in text
        assert "Account " not in text
