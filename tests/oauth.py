"""The part of Slack that gives tokens: `oauth.v2.access` as Slack documents it, over HTTP, with what it refuses."""

import html
import re
import secrets
import threading
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

from tests.slack import FakeSlack

LASTS = 43_200  # seconds, as Slack's page on token rotation says


class OAuthSlack(FakeSlack):
    """Every code and every refresh token works once. `auth.test` and calls know whose token they come with."""

    def __init__(self, *, rotates: bool = False) -> None:
        self.rotates = rotates
        self.codes: dict[str, dict[str, Any]] = {}
        self.refresh: dict[str, dict[str, Any]] = {}
        self.given: list[str] = []  # every secret that ever left here
        self._giving = threading.Lock()
        super().__init__()

    def allow(self, team: str, *, org: str | None = None, everywhere: bool = False) -> str:
        """Somebody presses Allow; the code that the browser comes back with."""
        code = f"code-{secrets.token_hex(8)}"
        self.codes[code] = {
            "app_id": "A0AFTERWORD",
            "authed_user": {"id": "U0INSTALLER"},
            "scope": "commands,chat:write,files:write,users:read",
            "token_type": "bot",
            "bot_user_id": "U0AFTERWORD",
            "team": None if everywhere else {"id": team, "name": f"Team {team}"},
            "enterprise": {"id": org, "name": f"Org {org}"} if org else None,
            "is_enterprise_install": everywhere,
        }
        self.given.append(code)
        return code

    def answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any] | int:
        if method == "oauth.v2.access" and not self.replies.get(method):
            self.calls.append((method, arguments))
            with self._giving:
                return self._access(arguments)
        return super().answer(method, arguments)

    def _access(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.get("grant_type") == "refresh_token":
            known = self.refresh.pop(arguments["refresh_token"], None)
            refused = "invalid_refresh_token"
        else:
            known, refused = self.codes.pop(arguments["code"], None), "invalid_code"
        if known is None:
            return {"ok": False, "error": refused}
        token = f"xoxe.xoxb-{secrets.token_hex(8)}" if self.rotates else f"xoxb-{secrets.token_hex(8)}"
        self.given.append(token)
        return {"ok": True, **known, "access_token": token, **(self._rotating(known) if self.rotates else {})}

    def _rotating(self, known: dict[str, Any]) -> dict[str, Any]:
        refresh = f"xoxe-1-{secrets.token_hex(8)}"
        self.refresh[refresh] = known
        self.given.append(refresh)
        return {"refresh_token": refresh, "expires_in": LASTS}


class Browser:
    """Somebody who installs the app: keeps the cookie, follows no link by itself."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""

    def get(self, path: str, **query: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"cookie": self.cookie} if self.cookie else {}
        connection.request("GET", f"{path}?{urlencode(query)}", headers=headers)
        answer = connection.getresponse()
        if (given := answer.getheader("set-cookie")) and "deleted" not in given:
            self.cookie = given.split(";")[0]
        page = answer.read().decode()
        connection.close()
        return answer.status, page

    def begin(self) -> str:
        """The install page; the state in its link."""
        status, page = self.get("/slack/install")
        assert status == 200
        (link,) = re.findall(r'href="(https://slack\.com/oauth/v2/authorize\?[^"]+)"', page)
        return parse_qs(urlparse(html.unescape(link)).query)["state"][0]

    def finish(self, state: str, code: str) -> int:
        return self.get("/slack/oauth_redirect", state=state, code=code)[0]
