"""Progress is told now and then while a draft is long in the writing, and never after it is finished."""

import threading

from bot import drafting
from bot.watching import TELL_SECONDS, Progress, Watch
from storage.database import Database
from storage.tables import Status
from tests.fakes import FakeEngines
from tests.running import REPLY, until
from tests.test_drafting import ask, current, desk


class Ticks:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_fast_draft_tells_nothing_and_a_slow_one_every_three_seconds() -> None:
    ticks = Ticks()
    watch, told = Watch(ticks), list[Progress]()
    hear = watch.heard()
    for second in range(10):
        hear(5 * second)
        watch.tell(told.append)
        ticks.now += 1
    assert told == [Progress(15, 1, 3.0), Progress(30, 1, 6.0), Progress(45, 1, 9.0)]


def test_the_words_of_several_versions_count_together() -> None:
    ticks = Ticks()
    watch, told = Watch(ticks), list[Progress]()
    first, second = watch.heard(), watch.heard()
    first(20)
    second(7)
    ticks.now += TELL_SECONDS
    watch.tell(told.append)
    assert told == [Progress(27, 2, 3.0)]


def test_nothing_is_told_once_it_ended_and_the_end_waits_for_what_is_being_told() -> None:
    ticks = Ticks()
    watch, order = Watch(ticks), list[str]()
    telling, go_on = threading.Event(), threading.Event()

    def slowly(_: Progress) -> None:
        telling.set()
        go_on.wait(5)
        order.append("told")

    ticks.now += TELL_SECONDS
    thread = threading.Thread(target=watch.tell, args=(slowly,))
    thread.start()
    telling.wait(5)
    ending = threading.Thread(target=lambda: (watch.end(), order.append("ended")))
    ending.start()
    go_on.set()
    thread.join()
    ending.join()
    ticks.now += TELL_SECONDS
    watch.tell(lambda _: order.append("late"))
    assert order == ["told", "ended"]


def test_the_last_progress_of_a_draft_comes_before_its_result_is_there(database: Database, monkeypatch: object) -> None:
    """A slow engine, a worker that looks often: whatever is told is told while the row is still being drafted."""
    monkeypatch.setattr("bot.watching.TELL_SECONDS", 0.02)  # type: ignore[attr-defined]
    monkeypatch.setattr("bot.drafting.TELL_SECONDS", 0.02)  # type: ignore[attr-defined]
    enough = threading.Event()

    class Slow(FakeEngines):
        def complete(self, messages, *, adapter, on_words, **how):  # type: ignore[no-untyped-def, override]
            on_words(12)
            enough.wait(5)
            return super().complete(messages, adapter=adapter, **how)

    seen: list[Status] = []

    def progressed(*_: object) -> None:
        seen.append(current(database, 1).status)
        if len(seen) == 3:
            enough.set()

    ask(database)
    worker = drafting.Worker(desk(database, Slow(REPLY)), lambda *_: None, progressed)
    worker.start()
    try:
        until(lambda: current(database, 1).status == Status.drafted)
    finally:
        worker.stop()
    assert len(seen) >= 3 and set(seen) == {Status.drafting}
