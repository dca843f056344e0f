"""Doubles for faults and speed: an engine with a queue of replies, a clock that stands still."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from model.engine import Completion, EngineError, Message

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class FakeEngines:
    """Answers with the replies given, in turn; an exception among them is raised. Remembers what it was asked."""

    name = "fake"
    at_once = 3

    def __init__(self, *replies: str | Exception) -> None:
        self.replies = list(replies) or ["Subject: Hello\n\nHello there."]
        self.asked: list[tuple[list[Message], Path | None]] = []

    def idle(self) -> int:
        return 0

    def complete(self, messages: list[Message], *, adapter: Path | None, **_how: object) -> Completion:
        self.asked.append((messages, adapter))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return Completion(text=reply, tokens=len(reply.split()), prompt_tokens=1, seconds=0.01, finished=True)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


__all__ = ["MONDAY", "Clock", "EngineError", "FakeEngines"]
