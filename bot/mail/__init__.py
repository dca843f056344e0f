"""Mail out: an approved text becomes a message, and a way takes it to where the sender sends from.

A way is one small file. It knows neither rows nor Slack, tells what may be tried again from what must not be, and
calls `begin` right before the first step that cannot be taken back.
"""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Protocol

__all__ = ["NotNow", "Refused", "Unclear", "Way"]


class Refused(Exception):
    """It has not gone out and will not without somebody's help; the sentence says what to do."""


class NotNow(Exception):
    """It has not gone out, and the same attempt may succeed later; the sentence says what was in the way."""


class Unclear(Exception):
    """It may have gone out: the answer to the last step never came."""


class Way(Protocol):
    """How a message leaves.

    `looks_first` says that a message which may have gone out before can be delivered again: the way finds the one that
    is there already and leaves it at that.
    """

    name: str
    looks_first: bool

    def deliver(self, message: EmailMessage, *, again: bool, begin: Callable[[], None]) -> str:
        """Take the message there and say where it is, in one sentence. Raises Refused, NotNow or Unclear.

        `again` says that an earlier attempt may have succeeded. What `begin` raises goes through.
        """
        ...
