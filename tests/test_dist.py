"""The wheel holds all that an installed Afterword needs."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "model", "storage")
READ = {".py", ".yml", ".yaml", ".csv", ".txt", ".mako", ".html", ".js", ".cjs"}


def test_the_wheel_holds_every_file_of_the_three_rooms_and_nothing_else(tmp_path: Path) -> None:
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # where files of an earlier state may lie
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q", "--no-deps"]
    subprocess.run([*command, "--no-build-isolation", "-w", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("afterword-*.whl")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tracked = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    needed = {name for name in tracked.splitlines() if Path(name).suffix in READ}
    assert needed - inside == set(), "add it to package-data in pyproject.toml"
    assert not [name for name in inside if Path(name).parts[0] not in ROOMS]
