"""The picture of the edit rate, drawn for the night's report."""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import cards
from bot.settings import Settings

log = logging.getLogger(__name__)

CHART_SECONDS = 120.0  # it takes two; a hang must not hold up the next night


def charting(settings: Settings, picture: Callable[..., None]) -> Callable[[int, str], None]:
    """Draws in a child, whose library is larger than this process may grow, and posts the picture."""

    def chart(workspace_id: int, channel: str) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "edits-by-week.png"
            command = [sys.executable, "-m", "bot", "status", "--workspace", str(workspace_id), "--chart", str(path)]
            try:
                subprocess.run(
                    command,
                    env=settings.child_environment(),
                    capture_output=True,
                    text=True,
                    check=True,
                    timeout=CHART_SECONDS,
                )
            except subprocess.SubprocessError as error:
                log.error(
                    "the chart could not be drawn: %s %s",
                    error,
                    str(getattr(error, "stderr", None) or "").strip()[-300:],
                )
            else:
                picture(workspace_id, channel, path, title=cards.CHART_TITLE, told=cards.CHART_TOLD)

    return chart
