"""The app package that an admin of Teams uploads: a manifest and two icons. Pure but for the zip."""

import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.cards import COMMAND

SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v1.29/MicrosoftTeams.schema.json"
VERSION = "1.0.0"  # of the package; Teams takes another one only with a higher number
ACCENT = (0x2E, 0x5E, 0x4E)
SCOPES = ("personal", "team", "groupChat")
COLOR, OUTLINE = 192, 32  # pixels, as Teams wants them
STAMP = (2026, 1, 1, 0, 0, 0)  # so that the same manifest is the same file


def manifest(client_id: str, website: str) -> dict[str, Any]:
    """Every address is the company's own: it runs the bot, and its data stays there."""
    command = COMMAND.removeprefix("/")
    commands = [
        {"title": command, "description": "NAME-OR-EMAIL and a goal: drafts a follow-up email to a contact"},
        {"title": f"{command} help", "description": "What can be asked for"},
    ]
    return {
        "$schema": SCHEMA,
        "manifestVersion": "1.29",
        "version": VERSION,
        "id": client_id,
        "developer": {
            "name": "Afterword",
            "websiteUrl": website,
            "privacyUrl": website,
            "termsOfUseUrl": website,
        },
        "name": {"short": "Afterword", "full": "Afterword: follow-up emails in your company's voice"},
        "description": {
            "short": "Drafts follow-up emails in your company's voice.",
            "full": "Drafts follow-up emails from your CRM's records, and learns from every edit that people make.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#" + "".join(f"{part:02X}" for part in ACCENT),
        "bots": [
            {
                "botId": client_id,
                "scopes": list(SCOPES),
                "commandLists": [{"scopes": list(SCOPES), "commands": commands}],
            }
        ],
    }


def write(path: Path, made: dict[str, Any]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (
            ("manifest.json", json.dumps(made, indent=2).encode()),
            ("color.png", picture(COLOR, _on_accent)),
            ("outline.png", picture(OUTLINE, _outlined)),
        ):
            package.writestr(zipfile.ZipInfo(name, STAMP), content)


Pixel = tuple[int, int, int, int]


def picture(size: int, pixel: Callable[[float, float], Pixel]) -> bytes:
    """A square PNG whose pixels are asked for by place, from 0 to 1."""
    places = [(n + 0.5) / size for n in range(size)]
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in places) for y in places)
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _letter(x: float, y: float) -> bool:
    """An A with a dot after it: the word, and what comes after."""
    if 0.62 <= y <= 0.74 and 0.72 <= x <= 0.84:
        return True
    across = abs(x - 0.42)
    leg = (y - 0.22) * 0.5
    return 0.22 <= y <= 0.74 and (abs(across - leg) <= 0.055 or (0.52 <= y <= 0.6 and across <= leg))


def _on_accent(x: float, y: float) -> Pixel:
    return (255, 255, 255, 255) if _letter(x, y) else (*ACCENT, 255)


def _outlined(x: float, y: float) -> Pixel:
    """White on nothing, which is all that Teams allows here."""
    return (255, 255, 255, 255 if _letter(x, y) else 0)
