"""A draft that must not leave is drafted again, and the best of the candidates is shown."""

import threading
from pathlib import Path
from typing import Any

import pytest

from bot import measuring, reviewing
from model.compose import Composed
from model.engine import Completion, EngineError, Message
from model.facts import Support
from model.findings import Finding, Severity
from model.repair import Candidate, best
from storage import queries
from storage.database import Database
from storage.tables import Adapter, Draft, Status, Tone
from tests.fakes import Clock, FakeEngines
from tests.test_drafting import ask, desk
from tests.test_reviewing import claim_and_draft

BLANK = "Subject: Hello\n\nMorning [Name]."
TWO_BLANKS = "Subject: Hello\n\nMorning [Name] of [Company]."
CLEAN = "Subject: Hello\n\nMorning Dana."
LOOPING = "Subject: Hello\n\n" + "We can help you grow. " * 4


class Seeded(FakeEngines):
    """Answers by seed, and remembers how it was asked."""

    def __init__(self, replies: dict[int, str | Exception]) -> None:
        super().__init__()
        self.by_seed = replies
        self.how: list[tuple[int, float, Path | None]] = []

    def complete(self, messages: list[Message], *, adapter: Path | None, **how: Any) -> Completion:
        self.how.append((how["seed"], how["temperature"], adapter))
        reply = self.by_seed[how["seed"]]
        if isinstance(reply, Exception):
            raise reply
        return Completion(text=reply, tokens=3, prompt_tokens=1, seconds=0.01, finished=True)


def candidate(seed: int, blocks: int, warnings: int) -> Candidate:
    found = [Finding("x", Severity.block, "no")] * blocks + [Finding("y", Severity.warn, "hm")] * warnings
    made = Composed("Hello", "Dana", [], "", (), finished=True, tokens=1, seconds=0.1)
    return Candidate(seed, made, tuple(found))


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ([(0, 1, 0)], 0),
        ([(0, 1, 0), (1, 0, 9), (2, 1, 0)], 1),
        ([(0, 1, 2), (1, 1, 1), (2, 1, 1)], 1),
        ([(3, 1, 0), (0, 1, 0), (2, 1, 0)], 0),
        ([(0, 2, 0), (1, 1, 5), (2, 1, 4)], 2),
    ],
    ids=["alone", "no block", "fewer warnings", "lowest seed", "blocks before warnings"],
)
def test_the_best_has_fewest_blocks_then_fewest_warnings_then_the_lowest_seed(
    given: list[tuple[int, int, int]], chosen: int
) -> None:
    made = [candidate(*each) for each in given]
    assert best(made).seed == best(reversed(made)).seed == chosen


# The edge ---------------------------------------------------------------------------------------------------------


def drafted(database: Database, engines: FakeEngines, **asked: Any) -> Draft:
    ask(database, **asked)
    return claim_and_draft(desk(database, engines))


def test_a_draft_without_a_block_is_drafted_once_and_greedily(database: Database) -> None:
    engines = Seeded({0: CLEAN})
    row = drafted(database, engines)
    assert engines.how == [(0, 0.0, None)]
    assert (row.body, row.seed) == ("Morning Dana.", 0)


def test_a_warning_is_no_reason_to_draft_again(database: Database) -> None:
    engines = Seeded({0: LOOPING})
    assert [finding["severity"] for finding in drafted(database, engines).findings] == ["warn"]
    assert len(engines.how) == 1


def test_a_blocked_draft_is_repaired_and_its_row_says_which_candidate_it_is(database: Database) -> None:
    engines = Seeded({0: BLANK, 1: TWO_BLANKS, 2: BLANK, 3: CLEAN})
    row = drafted(database, engines)
    assert (row.status, row.body, row.seed, row.findings) == (Status.drafted, "Morning Dana.", 3, [])
    assert engines.how[0] == (0, 0.0, None), "greedy first"
    assert sorted(seed for seed, *_ in engines.how[1:]) == [1, 2, 3]
    assert all(0 < temperature < 0.7 for _, temperature, _ in engines.how[1:])


def test_nobody_waits_for_a_candidate_that_is_not_needed(database: Database) -> None:
    needless = threading.Event()

    class Last(Seeded):
        def complete(self, messages: list[Message], *, adapter: Path | None, **how: Any) -> Completion:
            if how["seed"] > 1:
                assert needless.wait(20)
            return super().complete(messages, adapter=adapter, **how)

    row = drafted(database, Last({0: BLANK, 1: CLEAN, 2: CLEAN, 3: CLEAN}))
    assert (row.body, row.seed, row.findings) == ("Morning Dana.", 1, [])
    needless.set()


@pytest.mark.parametrize(("first", "chosen"), [(CLEAN, 0), (BLANK, 1)])
def test_an_idle_engine_begins_with_a_repair_of_the_untrained_model_before_it_is_needed(
    first: str, chosen: int, database: Database
) -> None:
    together = threading.Barrier(2, timeout=20)

    class Idle(Seeded):
        at_once = 1

        def idle(self) -> int:
            return 2

        def complete(self, messages: list[Message], *, adapter: Path | None, **how: Any) -> Completion:
            together.wait()
            return super().complete(messages, adapter=adapter, **how)

    engines = Idle({0: first, 1: CLEAN})
    assert drafted(database, engines).seed == chosen
    assert sorted(seed for seed, *_ in engines.how) == [0, 1]


def test_what_no_candidate_repairs_is_shown_as_it_is(database: Database) -> None:
    row = drafted(database, Seeded({0: BLANK, 1: TWO_BLANKS, 2: BLANK, 3: TWO_BLANKS}))
    assert (row.seed, [finding["span"] for finding in row.findings]) == (0, ["[Name]"])


INVENTED = (
    "Subject: Hello\n\nMorning Dana,\n\nI would like to hear how it goes. I am in {place} on 14 March.\n\n"
    "Shall we talk for a moment about what comes next?\n\nBest,\nMaya"
)


def test_where_all_are_blocked_a_draft_may_lose_the_sentence_that_blocks_it(database: Database) -> None:
    row = drafted(database, Seeded({n: INVENTED.format(place=place) for n, place in enumerate(("Ghent", "Cork") * 2)}))
    assert row.findings == [] and row.seed == 0
    assert row.body == (
        "Morning Dana,\n\nI would like to hear how it goes.\n\n"
        "Shall we talk for a moment about what comes next?\n\nBest,\nMaya"
    )


def test_an_email_that_would_lose_too_much_is_shown_as_it_was_written(database: Database) -> None:
    invented = "Subject: Hello\n\nMorning Dana,\n\nI am in Ghent on 14 March. Shall we talk?\n\nMaya"
    row = drafted(database, Seeded(dict.fromkeys(range(4), invented)))
    assert "Ghent" in (row.body or "") and row.findings


def test_a_candidate_that_fails_is_only_one_less(database: Database) -> None:
    row = drafted(database, Seeded({0: BLANK, 1: EngineError("no"), 2: RuntimeError("no"), 3: CLEAN}))
    assert (row.status, row.seed) == (Status.drafted, 3)


def test_another_version_is_repaired_from_its_own_seed_on(database: Database) -> None:
    engines = Seeded({5: BLANK, 6: BLANK, 7: CLEAN, 8: CLEAN})
    assert drafted(database, engines, seed=5).seed == 7


def test_the_candidates_are_drafted_side_by_side_and_leave_no_thread(database: Database) -> None:
    together = threading.Barrier(3, timeout=10)

    class Waiting(FakeEngines):
        def complete(self, messages: list[Message], *, adapter: Path | None, **how: Any) -> Completion:
            if how["seed"]:
                together.wait()
            return Completion(text=BLANK, tokens=1, prompt_tokens=1, seconds=0.01, finished=True)

    assert drafted(database, Waiting()).status == Status.drafted
    assert not together.broken
    for thread in threading.enumerate():
        if thread.name.startswith("repair"):
            thread.join(10)
            assert not thread.is_alive()


@pytest.mark.parametrize(("control_share", "baseline"), [(1.0, True), (0.0, False)], ids=["control", "adapter"])
def test_a_repaired_draft_counts_for_its_arm(database: Database, control_share: float, baseline: bool) -> None:
    """Were only drafts counted that need no repair, the base would be measured by its few good ones."""
    with database.writing() as session:
        row = queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="one"))
        queries.move_pointer(session, workspace_id=1, adapter_id=row.id, reason="test", now=Clock()())
    engines = Seeded({0: BLANK, 1: CLEAN, 2: CLEAN, 3: CLEAN})
    repaired = drafted(database, engines, control_share=control_share)
    assert repaired.control == baseline and repaired.seed == 1
    assert {adapter is None for *_, adapter in engines.how} == {baseline}, "every candidate has the same author"
    assert measuring._arm(repaired) is baseline
    with database.writing() as session:
        who: dict[str, Any] = {"workspace_id": 1, "draft_id": repaired.id, "version": repaired.version}
        reviewing.regenerate(session, **who, reviewer="U1", now=Clock()())
    again = claim_and_draft(desk(database, Seeded({4: CLEAN})))
    assert again.seed == 4 and measuring._arm(again) is None, "another version has seeds of its own"


# A tone ----------------------------------------------------------------------------------------------------------

PLAIN = "Subject: Hello\n\nHi Dana,\n\nAll is well with us and {}. Shall we talk about a demo?\n\nBest,\nMaya"
LONG, SHORT = PLAIN.format("the weather is nice too"), PLAIN.format("yours")


def test_a_tone_drafts_the_plain_one_and_four_more_and_says_what_came_of_it(database: Database) -> None:
    engines = Seeded({0: LONG, 1: LONG, 2: LONG, 3: LONG})
    row = drafted(database, engines, tone=Tone.shorter)
    assert sorted(seed for seed, *_ in engines.how) == [0, 0, 1, 2, 3]
    assert row.body == "Hi Dana,\n\nShall we talk about a demo?\n\nBest,\nMaya"
    assert row.toned and row.toned["more"]
    assert (row.toned["before"]["words"], row.toned["after"]["words"]) == (21, 10)


def again(database: Database, row: Draft, engines: FakeEngines, tone: Tone | None) -> Draft:
    with database.writing() as session:
        who: dict[str, Any] = {"workspace_id": 1, "draft_id": row.id, "version": row.version}
        reviewing.regenerate(session, **who, reviewer="U1", now=Clock()(), tone=tone)
    return claim_and_draft(desk(database, engines))


def serve(database: Database) -> int:
    with database.writing() as session:
        adapter_id = queries.add_adapter(session, row=Adapter(workspace_id=1, version=0, folder="one")).id
        queries.move_pointer(session, workspace_id=1, adapter_id=adapter_id, reason="test", now=Clock()())
    assert adapter_id
    return adapter_id


def test_a_text_that_is_only_cut_keeps_its_author(database: Database) -> None:
    first = drafted(database, Seeded({0: LONG}))
    adapter = serve(database)
    cut = again(database, first, Seeded(dict.fromkeys(range(4, 8), EngineError("no")) | {4: LONG * 2}), Tone.shorter)
    assert cut.body == "Hi Dana,\n\nShall we talk about a demo?\n\nBest,\nMaya" and cut.adapter_id is None
    new = again(
        database, cut, Seeded(dict.fromkeys(range(8, 12), "Subject: Hi\n\nHi Dana,\n\nShall we talk?")), Tone.shorter
    )
    assert new.body == "Hi Dana,\n\nShall we talk?" and new.adapter_id == adapter


def test_another_version_of_a_toned_draft_is_another_text(database: Database) -> None:
    first = drafted(database, Seeded({0: LONG}))
    same = again(database, first, Seeded(dict.fromkeys(range(4, 8), LONG)), Tone.warmer)
    other = again(database, same, Seeded(dict.fromkeys(range(8, 12), SHORT)), None)
    assert other.tone == Tone.warmer and "the weather" not in (other.body or "")
    assert other.toned and not other.toned["shown"]


def test_a_tone_for_which_the_engine_writes_nothing_is_a_failed_draft_and_no_old_one(database: Database) -> None:
    first = drafted(database, Seeded({0: LONG}))
    failed = again(database, first, Seeded(dict.fromkeys(range(4, 8), EngineError("no"))), Tone.shorter)
    assert failed.status == Status.failed


def test_what_each_sentence_rests_on_is_kept_with_the_draft(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    supports = [Support("Morning Dana.", ("first name: Dana",)), Support("We met.")]
    monkeypatch.setattr("model.facts.evidence", lambda *_: supports)
    assert drafted(database, Seeded({0: CLEAN})).evidence == [
        {"sentence": "Morning Dana.", "rests_on": ["first name: Dana"]},
        {"sentence": "We met.", "rests_on": []},
    ]
