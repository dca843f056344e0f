"""Progress on stderr, so that stdout stays for the result."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

console = Console(stderr=True)

COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
    TextColumn("{task.fields[figures]}"),
)


def bar(title: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """A progress bar; the function it yields takes the position reached."""
    return _bar(title, total)


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    with Progress(*COLUMNS, console=console) as progress:
        task = progress.add_task(title, total=total, figures="")
        yield lambda position: progress.update(task, completed=position)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int, dict[str, float]], None]]:
    """One bar per stage of a long job; the function it yields takes stage, step, steps and figures."""
    with Progress(*COLUMNS, console=console) as progress:
        tasks: dict[str, int] = {}

        def advance(stage: str, step: int, steps: int, figures: dict[str, float]) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=steps, figures="")
            written = "  ".join(f"{name.replace('_', ' ')} {value:,.4g}" for name, value in figures.items())
            progress.update(tasks[stage], completed=step, total=steps, figures=written)  # type: ignore[arg-type]

        yield advance


def download() -> Callable[[str, int, int], None]:
    """Reports a download in whole lines, since it may stand between other output: title, bytes so far, bytes in all."""
    shown: dict[str, int] = {}

    def advance(title: str, done: int, total: int) -> None:
        percent = 100 * done // total if total else 100
        if percent // 10 > shown.get(title, -1):
            shown[title] = percent // 10
            console.print(f"{title}: {percent}%")

    return advance
