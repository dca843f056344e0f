"""The short form of the fault bench: `python -m tests.faults` kills a hundred times where this kills once."""

import pytest

from tests.faults import controls, trials

POINTS = ("after_commit_before_ack", "after_generation_before_store", "after_begin", "after_delivery_before_mark")


@pytest.mark.parametrize("point", POINTS)
def test_what_was_acknowledged_leaves_once_and_within_a_minute_wherever_the_process_dies(point: str) -> None:
    row = trials.killed_at(point, 1)
    assert row.harm == 1, "it was not killed"
    assert row.met, row


def test_a_point_that_is_never_reached_does_not_look_survived() -> None:
    row = trials.killed_at("renamed_since", 1)
    assert row.harm == 0 and not row.met


def test_a_night_that_dies_before_its_pointer_moves_is_finished_by_the_next_process() -> None:
    (row,) = trials.nights(1, only="after_pointer_before_commit")
    assert row.harm == 1 and row.met, row


def test_no_damaged_adapter_serves_and_the_old_one_serves_on() -> None:
    assert trials.damaged_adapters(56).bad_served == []


@pytest.mark.parametrize(
    "planted",
    [
        controls.ack_before_commit,
        controls.blind_delivery,
        controls.half_an_adapter,
        controls.loader_without_hashes,
    ],
    ids=lambda planted: planted.__name__,
)
def test_each_detector_finds_the_fault_that_was_planted_for_it(planted: controls.Control) -> None:
    assert planted()
