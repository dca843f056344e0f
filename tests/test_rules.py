"""Rules are found in edits that people keep making, and obeyed exactly."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.compose import compose
from model.engine import Completion
from model.prompt import joined
from model.rules import Rule, apply, effect, merged, mine, question, sentence
from model.slots import SLOT, values
from model.voice import Voice, parse
from model.yaml_file import FileMistake
from tests.rows import brief

DANA = brief()
TOPICS = ["your plan", "crew rotas", "spare parts", "night shifts", "the audit", "two sites", "old data", "new tools"]
OPENER = "I hope this email finds you well."


def email(middle: str, greeting: str = "Hi Dana,", sign_off: str = "Best,\nMaya", subject: str = "A word") -> str:
    return joined(subject, "\n\n".join(part for part in (greeting, middle, sign_off) if part))


def reviews(*pairs: tuple[str, str], times: int = 1) -> list[tuple[str, str, Any]]:
    """Drafted and final texts, `{}` being something else in each."""
    return [
        (before.replace("{}", TOPICS[n % 8]), after.replace("{}", TOPICS[n % 8]), DANA)
        for n in range(times)
        for before, after in pairs
    ]


def found(*pairs: tuple[str, str], times: int = 1) -> list[tuple[str, str, str, int, int]]:
    return [(r.kind, r.old, r.new, r.seen, r.out_of) for r in mine(reviews(*pairs, times=times))]


# Finding phrases ----------------------------------------------------------------------------------------------------


def kept(middle: str) -> tuple[str, str]:
    return email(middle), email(middle)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (f"{OPENER} Let us talk about {{}}.", "Let us talk about {}.", ("delete", OPENER[:-1], "")),
        (f"{OPENER} I wrote about {{}}.", "I wrote about {}.", ("delete", OPENER[:-1], "")),
        (f"{OPENER}\n\nAbout {{}}: shall we?", "About {}: shall we?", ("delete", OPENER[:-1], "")),
        ("I just wanted to ask about {}.", "I wanted to ask about {}.", ("delete", "just", "")),
        ("We utilize {} every day.", "We use {} every day.", ("replace", "utilize", "use")),
        ("Let us touch base about {}.", "Let us talk about {}.", ("replace", "touch base", "talk")),
        ("Thank you for {}! See you.", "Thank you for {}. See you.", ("replace", "!", ".")),
        ("Great news about {} 🎉 today.", "Great news about {} today.", ("delete", "🎉", "")),
        ("We’re thrilled about {}.", "We're glad about {}.", ("replace", "thrilled", "glad")),
    ],
)
def test_the_same_edit_three_times_is_a_rule(before: str, after: str, rule: tuple[str, str, str]) -> None:
    assert found((email(before), email(after)), times=3) == [(*rule, 3, 3)]
    assert found((email(before), email(after)), times=2) == []


def test_a_long_phrase_hides_its_parts_and_both_kinds_are_found_together() -> None:
    pair = (email(f"{OPENER} We utilize {{}}."), email("We use {}."))
    assert [rule[:3] for rule in found(pair, times=4)] == [("delete", OPENER[:-1], ""), ("replace", "utilize", "use")]


def test_a_phrase_that_people_often_let_stand_is_none() -> None:
    gone = (email(f"{OPENER} About {{}}."), email("About {}."))
    stays = kept(f"{OPENER} About {{}}.")
    assert found(gone, gone, stays, times=3) == [("delete", OPENER[:-1], "", 6, 9)]
    assert found(gone, stays, times=3) == []


def test_words_that_are_exchanged_only_where_they_do_not_fit_are_none() -> None:
    """“Called about” is wrong after a meeting and right after a call; “utilize” is never right."""
    swapped = (email("You called about {}."), email("You made time for {}."))
    right = kept("You called about {}.")
    assert found(swapped, swapped, swapped, swapped, right) == [("replace", "called about", "made time for", 4, 5)]
    assert found(swapped, swapped, swapped, right) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We send it to you and {}.", "We send it and {}."),  # everyday words
        ("We get {}.", "We do {}."),
        ("Thank you for Planning without panic and {}.", "Thank you for it and {}."),  # a fact
        ("Northwind Foods likes {}.", "You like {}."),
        ("Shall we meet on {} next week?", "Shall we meet on {} next week, please?"),  # nothing is taken out
    ],
)
def test_everyday_words_and_facts_are_no_rule(before: str, after: str) -> None:
    assert found((email(before), email(after)), times=5) == []


def test_a_sentence_that_is_only_adapted_stays() -> None:
    pairs = [
        (email("Would you be open to a call next week?"), email(f"Would you be open to a call on {day}?"))
        for day in ("Monday", "Tuesday", "Friday")
    ]
    assert found(*pairs) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Are you available for a brief call on {}?", "Shall we find a quiet hour on {}?"),  # pieces make no sense
        ("Would you be open to a call next week?", "When can I ring you about {}?"),  # asked, in other words
    ],
)
def test_a_sentence_written_anew_is_no_rule(before: str, after: str) -> None:
    assert found((email(f"See {{}}. {before}"), email(f"See {{}}. {after}")), times=5) == []


def test_a_question_that_is_really_left_out_is_a_rule() -> None:
    pair = (email("See {}. Would you be open to a call next week?"), email("See {}."))
    assert found(pair, times=3) == [("delete", "Would you be open to a call next week", "", 3, 3)]


def test_no_reviews_no_rules() -> None:
    assert mine([]) == []
    assert mine([(email("Hello."), email("Hello."), DANA)] * 9) == []


# Finding greetings, sign-offs, lengths ------------------------------------------------------------------------------


def test_a_greeting_and_a_sign_off_that_people_prefer() -> None:
    pair = (email("About {}.", "Hello Dana,", "Best regards,\nMaya Lindqvist"), email("About {}.", "Hi Dana,"))
    assert found(pair, times=4) == [
        ("greeting", "", "Hi {{first_name}},", 4, 4),
        ("sign_off", "", "Best,\n{{sender}}", 4, 4),
    ]


def test_where_people_alternate_and_the_draft_has_one_of_the_forms_nothing_is_proposed() -> None:
    changed = (email("About {}.", "Hello Dana,"), email("About {}.", "Hi Dana,"))
    accepted = kept("About {}.")[0].replace("Hi Dana", "Hello Dana")
    assert found(changed, (accepted, accepted), times=4) == []
    other = (email("About {}.", "Hi Dana,"), accepted)
    assert found(changed, other, times=4) == []


def test_a_sign_off_of_somebody_else_is_no_rule() -> None:
    assert found((email("About {}."), email("About {}.", sign_off="Best,\nRobin")), times=5) == []


def test_a_sender_named_like_the_recipient_is_still_the_sender() -> None:
    same = brief(sender=DANA.sender.model_copy(update={"first_name": "Dana"}))
    pair = (email("About it.", sign_off="Regards,\nDana"), email("About it.", sign_off="Best,\nDana"), same)
    assert [rule.new for rule in mine([pair] * 3)] == ["Best,\n{{sender}}"]


def test_a_phrase_that_people_also_write_is_no_rule() -> None:
    out_of_place = (email("I will keep it brief. It is about prices."), email("It is about prices."))
    written = (email("It is about a talk."), email("It is about a talk. I will keep it brief."))
    assert ("delete", "I will keep it brief", "", 4, 4) in found(out_of_place, times=4)
    both = [*[(*out_of_place, brief())] * 4, (*written, brief())]
    assert not [rule for rule in mine(both) if rule.kind == "delete"]


def test_a_length_that_people_keep_to() -> None:
    long, short = " ".join(["Word."] * 90), " ".join(["Word."] * 31)
    assert found((email(long), email(short)), times=8)[-1] == ("length", "", "50", 8, 8)
    assert found((email(long), email(short)), times=7)[-1:] != [("length", "", "40", 7, 7)]
    assert not [rule for rule in found((email(short + short[:90]), email(short)), times=8) if rule[0] == "length"]


# Obeying ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (Rule("delete", "I hope this email finds you well"), f"{OPENER} We met.", "We met."),
        (Rule("delete", "i hope this email finds you well"), f"{OPENER}\n\nWe met.", "We met."),
        (
            Rule("delete", "I hope this email finds you well"),
            "I hope this email finds you well, and hello.",
            "And hello.",
        ),
        (Rule("delete", "just"), "I just ask. Just ask, adjust.", "I ask. Ask, adjust."),
        (Rule("delete", "really"), "It is great, really, and new. Truly, really.", "It is great, and new. Truly."),
        (Rule("delete", "🎉"), "Great news 🎉 today 🎉", "Great news today"),
        (Rule("replace", "utilize", "use"), "Utilize it, we utilize it.", "Use it, we use it."),
        (Rule("replace", "thanks", "many thanks"), "Thanks for it.", "Many thanks for it."),
        (Rule("replace", "call with us", "call"), "Book a call with us.", "Book a call."),
        (Rule("replace", "!", "."), "Great!! See you!", "Great. See you."),
        (Rule("replace", "we're", "we are"), "Yes, we’re here.", "Yes, we are here."),
        (Rule("delete", "panic"), "On Planning without panic: no panic today.", "On Planning without panic: no today."),
        (Rule("delete", "All of it"), "All of it.", "All of it."),  # something has to be left
    ],
)
def test_a_phrase_rule_does_exactly_that(rule: Rule, before: str, after: str) -> None:
    assert apply(email(before), [rule], DANA) == email(after)


HI = Rule("greeting", "", "Hi {{first_name}},")
BEST = Rule("sign_off", "", "Best,\n{{sender}}")


@pytest.mark.parametrize(
    "body",
    [
        "Hello Dana,\n\nWe met.\n\nBest regards,\nMaya Lindqvist",
        "Dear Dana Whitfield,\nWe met.\n\nKind regards,\n\nMaya",
        "Dana,\n\nWe met.\n\nMaya",
        "Hello Dana, we met.\n\nThanks,\nMaya",
        "We met.",
        "Good morning Dana!\n\nWe met.\n\nCheers, Maya",
        "Hi Dana,\n\nWe met.\n\nBest,\nMaya",
    ],
)
def test_greeting_and_sign_off_are_replaced_or_put_there(body: str) -> None:
    assert apply(joined("A word", body), [HI, BEST], DANA) == email("We met.")


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        ("Hi {{first_name}},", "Hi there,"),
        ("Hey {{ first_name }}!", "Hey there!"),
        ("Dear {{first_name}},", "Hi there,"),
    ],
)
def test_an_unknown_first_name_leaves_no_slot(greeting: str, said: str) -> None:
    nobody = brief(contact=DANA.contact.model_copy(update={"first_name": None}))
    assert apply(email("We met.", "Hello,"), [Rule("greeting", "", greeting)], nobody) == email("We met.", said)


def test_a_length_keeps_whole_sentences_the_question_greeting_and_sign_off() -> None:
    text = email("One two three four.\n\nFive six seven eight nine. Ten eleven.\n\nShall we talk? Twelve thirteen.")
    assert apply(text, [Rule("length", "", "12")], DANA) == email("One two three four.\n\nShall we talk?")
    assert apply(text, [Rule("length", "", "1")], DANA) == email("Shall we talk?")
    assert apply(email("One two. Three four."), [Rule("length", "", "1")], DANA) == email("One two.")
    assert apply(text, [Rule("length", "", "90")], DANA) == text


def test_without_rules_or_text_nothing_changes() -> None:
    odd = "Subject:  odd \n\nHi   Dana ,\n\n\n\nText"
    assert apply(odd, [], DANA) == odd
    assert apply("Subject: only", [HI, BEST], DANA) == "Subject: only"


def test_rules_that_undo_one_another_come_to_rest() -> None:
    rules = [Rule("replace", "call", "chat"), Rule("replace", "chat", "call"), Rule("delete", "chat")]
    once = apply(email("A call, a chat."), rules, DANA)
    assert once == email("A chat, a chat.")


def test_what_is_mined_is_obeyed_on_the_next_draft() -> None:
    before = email(f"{OPENER} I just wanted to ask about {{}}!", "Hello Dana,", "Best regards,\nMaya Lindqvist")
    after = email("I wanted to ask about {}.")
    rules = mine(reviews((before, after), times=5))
    assert apply(before.format("something new"), rules, DANA) == after.format("something new")


WORDS = ["call", "chat", "just", "really", "thanks", "panic", "company", "🎉", "!", "Hi", "Best"]
FACTS = ["Dana", "Maya", "Thursday", "Planning without panic", "Northwind Foods"]
SLOTS = ["{{first_name}}", "{{company}}", "{{sender}}", "{{amount}}"]
MARKS = [",", ".", "?", "\n", "\n\n", "Hello", "Dear", "Best,", "I", "it’s"]
TEXTS = st.lists(st.sampled_from([*WORDS, *FACTS, *SLOTS, *MARKS]), max_size=40).map(" ".join)
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
RULES = st.one_of(
    PHRASES.map(lambda old: Rule("delete", " ".join(old))),
    st.tuples(PHRASES, PHRASES).map(lambda two: Rule("replace", " ".join(two[0]), " ".join(two[1]))),
    st.sampled_from(["Hi {{first_name}},", "Dear {{first_name}} {{last_name}}", "Moin!"]).map(
        lambda g: Rule("greeting", "", g)
    ),
    st.sampled_from(["Best,\n{{sender}}", "{{sender_name}}", "So long"]).map(lambda s: Rule("sign_off", "", s)),
    st.integers(1, 30).map(lambda n: Rule("length", "", str(n))),
)


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.lists(RULES, max_size=4), st.booleans())
def test_applied_twice_is_applied_once_and_no_known_slot_stays(
    subject: str, body: str, rules: list[Rule], named: bool
) -> None:
    facts = DANA if named else brief(contact=DANA.contact.model_copy(update={"first_name": None}))
    once = apply(joined(" ".join(subject.split()), body), rules, facts)
    assert apply(once, rules, facts) == once
    if rules and body.strip():
        assert not {match[1] for match in SLOT.finditer(once)} & set(values(facts))


# Saying, keeping, composing -----------------------------------------------------------------------------------------


def test_people_can_read_what_a_rule_is() -> None:
    rule = Rule("delete", "I hope this email finds you well", "", 6, 9)
    asked = f"{sentence(rule)} {question(rule)}"
    assert asked == "You removed “I hope this email finds you well” in 6 of 9 drafts. Leave it out from now on?"
    said = [f(Rule("sign_off", "", "Best,\n{{sender}}", 3, 4)) for f in (sentence, question, effect)]
    assert said[0] == "In 3 of 4 recent emails you closed with “Best, / [sender]”, which the drafts did not."
    assert said[1:] == ["Close every draft like this?", "Drafts close with “Best, / [sender]”."]


def test_written_rules_go_before_learned_ones() -> None:
    own = (Rule("greeting", "", "Dear {{first_name}},"), Rule("replace", "touch base", "talk"))
    learned = (HI, Rule("delete", "Touch base"), BEST)
    assert merged(own, learned) == (*own, BEST)


VOICE = "company: Acme\nwhat_we_do: planning\n"


def test_a_voice_file_may_hold_rules() -> None:
    assert parse(VOICE + "rules:\n  - {kind: delete, old: just}\n", "v").rules == (Rule("delete", "just"),)


@pytest.mark.parametrize(
    "rule",
    ["{kind: delete}", "{kind: replace, old: a}", "{kind: length, new: many}", "{kind: greeting}", "{kind: tone}"],
)
def test_a_wrong_rule_in_the_file_is_told(rule: str) -> None:
    with pytest.raises(FileMistake, match=r"^v, line 3, column \d+: .*\S\.$"):
        parse(VOICE + f"rules: [{rule}]", "v")


def test_drafts_of_base_and_adapter_obey_the_rules_of_the_voice() -> None:
    def complete(*_: Any, **__: Any) -> Completion:
        text = "Subject: {{company}}\n\nHello {{first_name}},\n\nI just met you.\n\nMaya"
        return Completion(text=text, tokens=9, prompt_tokens=1, seconds=0.1, finished=True)

    voice = Voice(company="Acme", what_we_do="planning", rules=(HI, Rule("delete", "just")))
    for slots in (True, False):
        ruled = compose(DANA, voice, complete, slots=slots, seed=0, temperature=0.0)
        assert (ruled.subject, ruled.body) == ("Northwind Foods", "Hi Dana,\n\nI met you.\n\nMaya")
        free = compose(DANA, voice.without_rules(), complete, slots=slots, seed=0, temperature=0.0)
        assert free.body == "Hello Dana,\n\nI just met you.\n\nMaya"
