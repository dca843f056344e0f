"""The app package: Microsoft's schema takes the manifest, and the icons are what it asks for."""

import json
import struct
import zipfile
from pathlib import Path

import pytest

from bot.cli import main
from tests.teams.schema import manifest_faults

CLIENT = "11111111-0000-4000-8000-00000000b001"


def test_the_package_is_taken_by_the_schema_and_has_both_icons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAMS_CLIENT_ID", CLIENT)
    monkeypatch.setenv("TEAMS_CLIENT_SECRET", "secret")
    monkeypatch.setenv("TEAMS_TENANT_ID", CLIENT)
    path = tmp_path / "afterword.zip"
    assert main(["teams-package", str(path), "--website", "https://acme.example"]) == 0
    with zipfile.ZipFile(path) as package:
        manifest = json.loads(package.read("manifest.json"))
        sizes = {name: struct.unpack(">II", package.read(name)[16:24]) for name in ("color.png", "outline.png")}
    assert manifest_faults(manifest) == []
    assert manifest["bots"][0]["botId"] == CLIENT
    assert sizes == {"color.png": (192, 192), "outline.png": (32, 32)}


def test_without_the_app_there_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TEAMS_CLIENT_ID", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["teams-package", "x.zip", "--website", "https://acme.example"]) == 1
    assert "TEAMS_CLIENT_ID is not set" in capsys.readouterr().err
