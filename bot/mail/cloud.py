"""What Gmail and Microsoft Graph have in common: one question over HTTPS at a time, and what its answer means."""

from collections.abc import Callable
from typing import Any

import requests

from bot.mail import NotNow, Refused, Unclear

SECONDS = 20.0
LATER = (408, 425, 429, 502, 503, 504)

Token = Callable[[], str]  # fetched anew when it has run out; raises Refused or NotNow


def named(error: Exception) -> str:
    return type(error).__name__


class Cloud:
    """A mailbox behind a web API. `title` is what people call it."""

    def __init__(self, title: str, address: str, token: Token, session: requests.Session | None = None) -> None:
        self._title = title
        self._address = address.rstrip("/")
        self._token = token
        self._http = session or requests.Session()

    def look(self, path: str, **asked: str) -> dict[str, Any]:
        """A question that changes nothing. Raises Refused, NotNow."""
        try:
            answer = self._http.get(self._url(path), params=asked, headers=self._headers(), timeout=SECONDS)
            return self._read(answer)
        except requests.RequestException as error:
            raise NotNow(f"{self._title} does not answer as it should ({named(error)}).") from None

    def create(self, path: str, *, begin: Callable[[], None], **body: Any) -> dict[str, Any]:
        """The one step that leaves something behind. Raises Refused, NotNow, Unclear."""
        headers = self._headers() | body.pop("headers", {})
        begin()
        try:
            answer = self._http.post(self._url(path), headers=headers, timeout=SECONDS, **body)
        except requests.RequestException as error:
            raise Unclear(f"{self._title} took the draft and did not answer ({named(error)}).") from None
        if answer.status_code >= 500:
            raise Unclear(f"{self._title} had trouble with the draft ({answer.status_code}).")
        return self._read(answer)

    def _url(self, path: str) -> str:
        return f"{self._address}{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        """Its text may quote the email, so only the number is passed on."""
        status = answer.status_code
        if status in LATER or status >= 500:
            raise NotNow(f"{self._title} asks to come back later ({status}).")
        if status in (401, 403):
            raise Refused(
                f"{self._title} does not let Afterword into this mailbox ({status}). docs/mail.md has the steps."
            )
        if status == 404:
            raise Refused(f"{self._title} knows no such mailbox. Check AFTERWORD_MAIL_URL.")
        if status >= 400:
            raise Refused(f"{self._title} does not take this email ({status}).")
        found: dict[str, Any] = answer.json()
        return found
