"""Faults planted on purpose. A detector that nothing turns red proves nothing: the bench fails where one is missed."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import update
from sqlmodel import col

from storage.tables import Draft
from tests.faults import points, trials

Control = Callable[[], bool]  # whether the fault was found


def acknowledge_first() -> None:
    """The row is written after Slack has heard that all is well."""

    def around(request: Any) -> Any:
        def later(*given: Any) -> None:
            threading.Timer(0.3, request, given).start()

        return later

    points.patch("bot.listeners.asking:Asking._request", around)


def deliver_blindly() -> None:
    """A second attempt does not look whether the first one arrived."""

    def around(deliver: Any) -> Any:
        def blind(self: Any, message: Any, **how: Any) -> Any:
            place = deliver(self, message, **how)
            folder, name = self._folder, message["Message-ID"].strip("<>").partition("@")[0]
            (folder / f"{name}.eml").rename(folder / f"{secrets.token_hex(4)}.eml")
            return place

        return blind

    points.patch("bot.mail.outbox:Outbox.deliver", around)


def move_without_looking() -> None:
    """A worker writes its result whatever became of the draft meanwhile."""

    def moved(session: Any, *, workspace_id: int, draft_id: int, target: Any, changes: Any, **_: Any) -> bool:
        one = (col(Draft.workspace_id) == workspace_id, col(Draft.id) == draft_id)
        session.execute(update(Draft).where(*one).values(status=target, version=Draft.version + 1, **changes))
        return True

    points.patch("storage.queries:move_draft", lambda _: moved)


def trust_the_training() -> None:
    """The pointer goes to a folder that nobody looked at, and the training died before its manifest."""

    def around(train: Any) -> Any:
        def trained(*given: Any) -> Path:
            folder: Path = train(*given)
            (folder / "manifest.json").unlink()
            return folder

        return trained

    points.patch("bot.refining:_train", around)
    points.patch("tests.faults.nights:verify", lambda _: lambda *_: None)


@contextmanager
def without_hashes() -> Iterator[None]:
    with mock.patch("model.adapters._check_files", lambda *_: None):
        yield


def ack_before_commit() -> bool:
    return bool(trials.killed_at("before_request_commit", 1, plant=acknowledge_first).lost)


def blind_delivery() -> bool:
    return bool(trials.killed_at("after_delivery_before_mark", 1, plant=deliver_blindly).doubled)


def no_compare_and_set() -> bool:
    row = trials.stopped_for_its_lease(3, plant=move_without_looking)
    return bool(row.lost or row.doubled)


def half_an_adapter() -> bool:
    (row,) = trials.nights(1, only="after_pointer_commit", plant=trust_the_training)
    return bool(row.bad_served)


def loader_without_hashes() -> bool:
    with without_hashes():
        return bool(trials.damaged_adapters(60).bad_served)


def forgetful_query() -> bool:
    from tests.test_tenancy import leaky_contact

    return bool(trials.two_workspaces(20, more=[leaky_contact] * 40).cross_reads)


CONTROLS: dict[str, Control] = {
    "acknowledged before the commit": ack_before_commit,
    "delivered again without looking": blind_delivery,
    "a worker without compare-and-set": no_compare_and_set,
    "a pointer to half an adapter": half_an_adapter,
    "an adapter loader without hashes": loader_without_hashes,
    "a query that forgets the workspace": forgetful_query,
}
