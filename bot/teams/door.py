"""Where Teams comes in. Each activity is answered from a thread, so that a slow database holds up nobody else."""

import asyncio
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from bot.teams.desk import Desk
from bot.teams.line import LOOPBACK, SdkLine, TeamsError

log = logging.getLogger(__name__)

READY_SECONDS = 20.0
THREADS = 16


def local(service_url: str) -> bool:
    """Whether an address is this machine's."""
    return urlsplit(service_url).hostname in (LOOPBACK, "localhost", "::1")


class Door:
    """The server, on the line's event loop. Opened last, closed first."""

    def __init__(self, line: SdkLine, desk: Desk) -> None:
        self._line = line
        self._desk = desk
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="teams-listener")
        self._serving: Any = None

    def start(self) -> None:
        """Listen. Raises TeamsError."""
        line = self._line
        try:  # first, since the server would end its event loop's thread
            socket.create_server((line.host, line.port)).close()
        except OSError as error:
            said = f"Port {line.port} cannot be used for Teams ({error.strerror}). Set another TEAMS_PORT."
            raise TeamsError(said) from None
        if line.open:
            said = "TEAMS_UNSAFE_LOCAL is set: whoever reaches %s:%s is believed unchecked. Never forward that port."
            log.warning(said, LOOPBACK, line.port)
        line.app.on_message(self._message)
        line.app.on_card_action_execute(self._press)
        self._serving = line.serve()
        if not self._ready():
            raise TeamsError("The server for Teams did not start. The log says why.")

    def stop(self) -> None:
        self._line.server.should_exit = True
        if self._serving is not None and not self._serving.done():
            self._serving.result(READY_SECONDS)
        self._threads.shutdown(wait=True)

    def _ready(self) -> bool:
        waiting = threading.Event()
        for _ in range(int(READY_SECONDS / 0.05)):
            if self._line.server.started:
                return True
            if self._serving.done():
                return False
            waiting.wait(0.05)
        return False

    async def _message(self, context: Any) -> None:
        await self._answered(self._desk.message, context)

    async def _press(self, context: Any) -> Any:
        from microsoft_teams.api import InvokeResponse

        return InvokeResponse(status=200, body=await self._answered(self._desk.press, context))

    async def _answered(self, answer: Any, context: Any) -> Any:
        activity = context.activity.model_dump(mode="json", by_alias=True, exclude_none=True)
        return await asyncio.get_running_loop().run_in_executor(self._threads, answer, activity)
