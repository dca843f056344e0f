"""Bolt, which gives each request a reference and measures how long Slack waited for the answer."""

import time
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from bot import logs


class TimedApp(App):
    """Both doors, the socket's and the one for HTTP, come by `dispatch`, which returns with the acknowledgement."""

    def __init__(self, acknowledged: Callable[[float], None], **how: Any) -> None:
        super().__init__(**how)
        self._acknowledged = acknowledged

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        begun = time.perf_counter()
        with logs.referring():
            try:
                return super().dispatch(req)
            finally:
                self._acknowledged(time.perf_counter() - begun)
