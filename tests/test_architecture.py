"""Who may import whom. The arrows point one way, and serving never pays for training."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [path for room in ("bot", "model", "storage") for path in (ROOT / room).rglob("*.py")]
ONLY_IN = {
    "slack_bolt": {"bot/access.py", "bot/app.py", "bot/installing.py", "bot/listeners"},
    "torch": {"model/network.py", "model/refine.py"},
    "transformers": {"model/network.py"},
    "peft": {"model/network.py"},
    "xllamacpp": {"model/engine.py"},
    "microsoft_teams": {"bot/teams/door.py", "bot/teams/line.py"},
}


def imports(path: Path) -> set[str]:
    """Every module a file imports, wherever in the file it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_rooms_import_one_way(path: Path) -> None:
    tops = {module.split(".")[0] for module in imports(path)}
    room = name(path).split("/")[0]
    forbidden = {"bot": set(), "model": {"bot", "storage"}, "storage": {"bot", "model"}}[room]
    assert not tops & (forbidden | {"tests"})


def test_a_way_for_mail_knows_neither_rows_nor_slack() -> None:
    for path in FILES:
        if name(path).startswith("bot/mail/"):
            outward = {module for module in imports(path) if module.startswith(("bot", "storage", "model", "slack"))}
            assert all(module.startswith("bot.mail") for module in outward), name(path)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_heavy_and_outward_libraries_stay_in_their_files(path: Path) -> None:
    tops = {module.split(".")[0] for module in imports(path)}
    for library, allowed in ONLY_IN.items():
        rooms = {name(path), name(path.parent)}
        assert library not in tops or rooms & allowed, f"{library} in {name(path)}"


ORDER = ["bot.cli", "bot.commands", "bot.app", "bot.listeners", "bot.drafting"]


def test_the_bot_imports_downwards() -> None:
    """cli → app → listeners → drafting, reviewing."""
    for position, lower in enumerate(ORDER):
        for path in FILES:
            if name(path).removesuffix(".py").replace("/", ".").startswith(lower):
                assert not imports(path) & set(ORDER[:position]), name(path)


@pytest.mark.parametrize("path", [path for path in FILES if name(path) != "bot/settings.py"], ids=name)
def test_the_environment_is_read_in_settings_alone(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not used & {"environ", "getenv", "putenv"}


@pytest.mark.parametrize("module", ["bot.app", "bot.commands", "bot.drafting", "model.engine"])
def test_serving_never_imports_torch(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('torch', 'transformers', 'peft') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_is_instant_because_nothing_heavy_is_imported() -> None:
    code = "import sys, bot.cli; print([m for m in ('sqlmodel', 'slack_bolt', 'xllamacpp') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_a_file_opens_and_logs_nothing() -> None:
    modules = [name(path)[:-3].replace("/", ".").removesuffix(".__init__") for path in FILES]
    skipped = ("__main__", "migrations", "model.refine", "model.network")
    listed = [module for module in modules if not any(word in module for word in skipped)]
    code = f"import importlib; [importlib.import_module(m) for m in {listed!r}]"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
