"""Figures for Prometheus. No label holds a name, an address or anything that somebody wrote: workspaces go by number.

What happens in this process is counted as it happens. What stands in the database is counted when somebody looks, so
that all replicas say the same and a restart forgets nothing.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot import measuring
from bot.front import Answer, Page
from storage import queries
from storage.database import Database
from storage.tables import Status

WEEK = timedelta(days=7)
ACK_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0)  # Slack gives up after three seconds
DRAFT_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
TOKENS_A_SECOND = (5, 10, 20, 40, 60, 80, 100, 150, 300)
ARMS = {None: "other", True: "control", False: "adapter"}


class Metrics:
    """One per process; `watch` adds the figures that stand in its database."""

    def __init__(self) -> None:
        known = self._registry = CollectorRegistry()
        self._ack = Histogram(
            "afterword_ack_seconds", "Until Slack had its answer", buckets=ACK_SECONDS, registry=known
        )
        said = "What one draft took the engine"
        self._seconds = Histogram("afterword_draft_seconds", said, buckets=DRAFT_SECONDS, registry=known)
        said = "How fast drafts were written"
        self._speed = Histogram("afterword_tokens_per_second", said, buckets=TOKENS_A_SECOND, registry=known)
        self._drafts = Counter("afterword_drafts", "Drafts written or failed here", ["result"], registry=known)
        said = "Findings in drafts written here"
        self._findings = Counter("afterword_findings", said, ["rule", "severity"], registry=known)

    def watch(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._registry.register(Rows(database, clock))

    def acknowledged(self, seconds: float) -> None:
        self._ack.observe(seconds)

    def drafted(self, status: Status, changes: Mapping[str, Any]) -> None:
        """A draft was finished with these changes to its row."""
        self._drafts.labels(str(status)).inc()
        seconds, tokens = changes.get("seconds"), changes.get("tokens")
        if seconds:
            self._seconds.observe(seconds)
            self._speed.observe((tokens or 0) / seconds)
        for finding in changes.get("findings") or ():
            self._findings.labels(finding["rule"], finding["severity"]).inc()

    def text(self) -> str:
        return generate_latest(self._registry).decode("utf-8")

    def pages(self) -> dict[str, Page]:
        """`/metrics`, as Prometheus asks for it."""
        return {"/metrics": lambda _query, _headers: Answer(200, {"content-type": CONTENT_TYPE_LATEST}, self.text())}


class Rows(Collector):
    """What the database says at this moment."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not read the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        with self._database.reading() as session:
            tally = queries.tally(session)
            workspaces = [row.id for row in queries.workspaces_in_service(session) if row.id is not None]
        yield self._age(tally.oldest_request)
        yield _gauge("afterword_drafts_held", "Drafts in the database", ["status"], tally.drafts)
        yield _gauge("afterword_deliveries_held", "Deliveries in the database", ["status"], tally.deliveries)
        yield _gauge("afterword_runs_held", "Trainings by what came of them", ["verdict"], tally.runs)
        yield self._adapters(workspaces)
        yield from self._edits(workspaces)

    def _age(self, oldest: datetime | None) -> Metric:
        seconds = (self._clock() - oldest).total_seconds() if oldest else 0.0
        return GaugeMetricFamily("afterword_queue_age_seconds", "How long the oldest request has waited", seconds)

    def _adapters(self, workspaces: list[int]) -> Metric:
        versions: dict[tuple[str, ...], float] = {}
        for workspace_id in workspaces:
            with self._database.reading() as session:
                row = queries.serving(session, workspace_id=workspace_id)
            versions[(str(workspace_id),)] = row.version if row else 0
        said = "The version of the adapter in service; 0 is the base model"
        return _gauge("afterword_adapter_in_service", said, ["workspace"], versions)

    def _edits(self, workspaces: list[int]) -> Iterable[Metric]:
        """By arm: drafts of the adapter, drafts that a lot gave to the frozen base, and all others."""
        rates: dict[tuple[str, ...], float] = {}
        counts: Tally[tuple[str, ...]] = Tally()
        for workspace_id in workspaces:
            rows = measuring.reviewed(self._database, workspace_id, self._clock(), window=WEEK)
            for control, arm in ARMS.items():
                if some := [row.rate for row in rows if row.control is control]:
                    rates[str(workspace_id), arm] = fmean(some)
                    counts[str(workspace_id), arm] = len(some)
        labels = ["workspace", "arm"]
        yield _gauge("afterword_edit_rate_7d", "Mean edit rate of drafts decided in seven days", labels, rates)
        yield _gauge("afterword_decided_7d", "Drafts decided in seven days", labels, counts)


def _gauge(name: str, said: str, labels: list[str], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(name, said, labels=labels)
    for found, value in sorted(values.items()):
        family.add_metric(found, value)
    return family
