"""How far a draft in hand has come: told now and then while it is written, and never once it is finished."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

TELL_SECONDS = 3.0  # between two updates; Slack asks for no more. What is written sooner shows its card only.


@dataclass(frozen=True)
class Progress:
    """Words so far, over all versions begun."""

    words: int
    versions: int
    seconds: float


class Watch:
    """One draft in hand. Several versions of it may be written at once, each on a thread of its own."""

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self.told_at = self._begun = tick()
        self._words: list[list[int]] = []  # so far, of each version
        self._over = False
        self._lock = threading.Lock()

    def heard(self) -> Callable[[int], None]:
        """What is to be told how many words a new version has so far."""
        so_far = [0]
        self._words.append(so_far)  # without the lock, which is held while Slack is talked to

        def hear(words: int) -> None:
            so_far[0] = words

        return hear

    def tell(self, show: Callable[[Progress], None]) -> None:
        """Show how far it has come, if that is due."""
        with self._lock:
            now = self._tick()
            if self._over or now - self.told_at < TELL_SECONDS:
                return
            self.told_at = now
            show(Progress(sum(words for (words,) in self._words), len(self._words), now - self._begun))

    def end(self) -> None:
        """Nothing is shown any more once this returns; what is just being shown is waited for."""
        with self._lock:
            self._over = True
