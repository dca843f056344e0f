"""A Slack that fails when it is told to: no patience, no answer, nonsense, or a final no."""

from collections.abc import Callable
from typing import Any

from tests.slack import FakeSlack

METHODS = ("conversations.info", "users.info", "chat.postMessage", "chat.update")
ONLY = {"message_not_found": ("chat.update",), "channel_not_found": ("chat.postMessage",)}  # what no other method says
NOT_SAID = object()  # Slack did what it was asked to, and its answer is lost
KINDS: dict[str, Any] = {
    "ratelimited": 429,
    "server error": 503,
    "no answer after the effect": NOT_SAID,
    "internal_error": {"ok": False, "error": "internal_error"},
    "token_revoked": {"ok": False, "error": "token_revoked"},
    "channel_not_found": {"ok": False, "error": "channel_not_found"},
    "message_not_found": {"ok": False, "error": "message_not_found"},
}


class FaultySlack(FakeSlack):
    """`fails(method)` says how a call fails, None where it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: Callable[[str], Any] = lambda _: None
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  an answer that is lost is no news

    def answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any] | int:
        fault = self.fails(method)
        if fault is NOT_SAID:
            super().answer(method, arguments)
            raise ConnectionAbortedError
        if fault is not None:
            with self._lock:
                self.calls.append((method, arguments))
            return fault  # type: ignore[no-any-return]
        return super().answer(method, arguments)


class AtCall:
    """Fails at the so-manieth call of a method, and never again; `struck` where it did."""

    def __init__(self, method: str, number: int, fault: Any) -> None:
        self._method, self._left, self._fault = method, number, fault

    @property
    def struck(self) -> bool:
        return self._left <= 0

    def __call__(self, called: str) -> Any:
        if called != self._method:
            return None
        self._left -= 1
        return self._fault if self._left == 0 else None
