"""Killed for real, with SIGKILL, wherever it hurts: what was approved leaves once. The long form: tests/faults."""

import pytest

from tests.faults.deliveries import Life, suffer
from tests.mail_servers import why_no_dovecot

BEGUN: Life = ("after begin", 2, 0)
DONE: Life = ("after delivery", 3, 0)
SOMEWHEN: Life = ("any moment", 0, 0.1)
needs_dovecot = pytest.mark.skipif(bool(why_no_dovecot()), reason=why_no_dovecot())


@pytest.mark.parametrize(
    ("way", "lives", "unknown"),
    [
        ("outbox", [BEGUN, DONE], (0, 0)),
        pytest.param("imap", [DONE, SOMEWHEN], (0, 0), marks=needs_dovecot),
        ("smtp", [BEGUN, DONE, SOMEWHEN], (2, 4)),  # at least one that left unheard, and one that never left
    ],
)
def test_every_approval_leaves_once_whenever_the_process_is_killed(
    way: str, lives: list[Life], unknown: tuple[int, int]
) -> None:
    told = suffer(way, drafts=16, lives=lives)
    assert (told.lost, told.doubled) == (0, 0)
    assert len(told.deliveries) == 16 and told.kills["after delivery"] == 1
    assert unknown[0] <= told.unknown <= unknown[1]


def test_the_count_finds_out_a_way_that_tries_again_blindly() -> None:
    """A count that nothing can make red proves nothing."""
    assert suffer("smtp", drafts=4, lives=[("after delivery", 2, 0)], careless=True).doubled in (
        1,
        2,
    )  # two leave at a time
