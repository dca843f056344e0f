"""What only the editor knew is not learned; what the house always says is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.one_off import house_values, varying, without

MAIL = "Subject: Hello\n\nHi {{first_name}},\n\n{odd}Shall we talk for 15 minutes?\n\nBest,\n{{sender}}"
CORPUS = [MAIL.replace("{odd}", "")] * 3


@pytest.mark.parametrize(
    "odd",
    [
        "I am in Ghent on 14 March. ",
        "Please ring me at 555-0199. ",
        "The file is at https://example.test/a1 for you. ",
        "Write to jo@else.example about it. ",
        "Say hello to Gustaf. ",
    ],
)
def test_a_sentence_with_a_value_nobody_could_know_is_left_out(odd: str) -> None:
    text = MAIL.replace("{odd}", odd)
    assert without(text, "prompt", house_values([*CORPUS, text])) == MAIL.replace("{odd}", "")


@pytest.mark.parametrize(
    ("odd", "prompt"),
    [
        ("Thank you for {{event1}} {{ago1}}. ", ""),
        ("Your order 4711 is on its way. ", "they wrote: where is order 4711"),
        ("I will keep it short. ", ""),
        ("We can meet at Ghent. ", "Note: meet at Ghent"),
    ],
)
def test_what_the_prompt_holds_stays(odd: str, prompt: str) -> None:
    text = MAIL.replace("{odd}", odd)
    assert without(text, prompt, house_values([*CORPUS, text])) == text


def test_what_the_house_says_in_several_mails_stays() -> None:
    assert "15 minutes" in without(CORPUS[0], "", house_values(CORPUS))


def test_a_statement_that_names_something_else_each_time_is_left_out_however_often_it_was_made() -> None:
    places = ["Ghent", "Cork", "Bergen"] * 4
    odd = [
        f"I am in {place} on {day} {month}. "
        for place, day, month in zip(places, [3, 4, 5, 6] * 3, ["May"] * 12, strict=True)
    ]
    texts = [MAIL.replace("{odd}", each) for each in odd]
    house, changing = house_values([*CORPUS * 4, *texts]), varying([*CORPUS * 4, *texts])
    assert {"Ghent", "4", "May"} <= house
    assert {without(text, "", house, changing) for text in texts} == {MAIL.replace("{odd}", "")}


def test_a_question_may_propose_another_day_each_time() -> None:
    texts = [
        MAIL.replace("15 minutes", f"a moment on {day}") for day in ("Monday", "Tuesday", "Friday") for _ in range(3)
    ]
    assert [without(text, "", house_values(texts), varying(texts)) for text in texts] == texts


def test_a_language_that_writes_nouns_with_capitals_keeps_its_sentences() -> None:
    german = [
        f"Hallo {{{{first_name}}}},\n\ndanke für das Gespräch über die {word} in der Werkstatt am Morgen.\n\nGruß"
        for word in ("Pläne", "Teile", "Listen", "Schichten")
    ]
    assert [without(text, "", house_values(german)) for text in german] == german


@given(st.text(max_size=300))
def test_any_text_survives_twice_as_once(text: str) -> None:
    once = without(text, "", frozenset())
    assert without(once, "", frozenset()) == once
