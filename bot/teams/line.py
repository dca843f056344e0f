"""The connection to Teams: the SDK's app on an event loop of its own, and its calls for everybody else's threads.

It is there before the door opens and after it closed, so that what was finished meanwhile is still shown.
"""

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot.teams import adaptive
from bot.teams.client import Member, Undelivered

CARD = "application/vnd.microsoft.card.adaptive"
LOOPBACK = "127.0.0.1"
SECONDS = 15.0  # for one call
LOOK_UP_SECONDS = 2.0  # for who somebody is, since a press waits for it and Teams waits five seconds for a press


class TeamsError(Exception):
    """Teams cannot be served; the sentence says why and what to do."""


class SdkLine:
    """`open` believes whoever comes in; the server then listens on this machine alone."""

    def __init__(self, client_id: str, client_secret: str, tenant_id: str, *, port: int, open: bool) -> None:
        self.port = port
        self.open = open
        self.host = LOOPBACK if open else "0.0.0.0"
        self.app: Any = None
        self.server: Any = None  # uvicorn's, once the app is built
        self._given: dict[str, Any] = {"client_id": client_id, "tenant_id": tenant_id}
        self._given |= {"token": _no_token} if open else {"client_secret": client_secret}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="teams", daemon=True)

    def start(self) -> None:
        """Raises TeamsError."""
        try:
            import uvicorn
            from microsoft_teams.apps import App, FastAPIAdapter
        except ImportError:
            raise TeamsError('Teams needs more packages: pip install "afterword[teams]".') from None

        def listening(served: Any) -> Any:
            self.server = uvicorn.Server(
                uvicorn.Config(served, host=self.host, port=self.port, log_level="warning", access_log=False)
            )
            return self.server

        adapter = FastAPIAdapter(server_factory=listening)
        self.app = App(**self._given, http_server_adapter=adapter, dangerously_allow_unauthenticated_requests=self.open)
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def serve(self) -> Any:
        """Let the server run; a future that ends with it."""
        return asyncio.run_coroutine_threadsafe(self.app.start(self.port), self._loop)

    # Calls --------------------------------------------------------------------------------------------------------

    def post(self, service_url: str, conversation: str, text: str, card: adaptive.Card) -> str:
        said = _activity(text, card)
        return str(self._called(lambda: self.app.send(conversation, said, service_url=service_url)).id)

    def update(self, service_url: str, conversation: str, message: str, text: str, card: adaptive.Card) -> None:
        changed = _activity(text, card)
        changed.id = message
        self._called(lambda: self.app.send(conversation, changed, service_url=service_url))

    def delete(self, service_url: str, conversation: str, message: str) -> None:
        self._called(lambda: self._at(service_url).delete_activity(conversation, message))

    def member(self, service_url: str, conversation: str, mri: str) -> Member:
        found = self._called(
            lambda: self._at(service_url).members_client.get_by_id(conversation, mri), seconds=LOOK_UP_SECONDS
        )
        return _member(found)

    def members(self, service_url: str, conversation: str) -> Sequence[Member]:
        return list(map(_member, self._called(lambda: self._at(service_url).members_client.get(conversation))))

    def _at(self, service_url: str) -> Any:
        return self.app.api.clone(service_url=service_url).conversations

    def _called(self, call: Callable[[], Coroutine[Any, Any, Any]], seconds: float = SECONDS) -> Any:
        """Raises Undelivered, or OSError."""
        import httpx

        try:
            return asyncio.run_coroutine_threadsafe(call(), self._loop).result(seconds)
        except httpx.HTTPStatusError as error:
            raise Undelivered(error.response.status_code, error.response.headers) from None
        except httpx.ConnectError as error:
            raise ConnectionRefusedError(type(error).__name__) from None
        except httpx.TransportError as error:
            raise ConnectionError(type(error).__name__) from None


def _activity(text: str, card: adaptive.Card) -> Any:
    from microsoft_teams.api import Attachment, MessageActivityInput

    return MessageActivityInput(summary=text, attachments=[Attachment(content_type=CARD, content=card)])


def _member(found: Any) -> Member:
    known = found.model_dump(by_alias=True)
    return Member(
        user_id=str(known.get("aadObjectId") or known.get("objectId") or "").lower(),
        name=str(known.get("name") or ""),
        tenant=str(known.get("tenantId") or ""),
        guest=str(known.get("userRole") or "user").lower() != "user",
    )


async def _no_token(_scope: Any, _tenant: Any = None) -> str:
    """The local client asks for no token, but the SDK sends nothing without one."""
    parts: list[dict[str, Any]] = [{"alg": "RS256", "typ": "JWT"}, {"exp": 4_102_444_800}, {}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
