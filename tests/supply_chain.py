"""What comes along with Afterword: under which licences, with which known weaknesses, as a bill of materials.

    python -m tests.supply_chain licences    what comes under which licence; fails where one is not allowed
    python -m tests.supply_chain audit       known weaknesses, by pip-audit, where its service can be reached
    python -m tests.supply_chain sbom FILE   a software bill of materials (CycloneDX, JSON)

A package that Afterword does not need, directly or by another, is none of its business even if it is installed.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROBE = "urllib3"  # a package that every service of weaknesses knows
# Those that let a user keep what they build on it: permissive ones, and such as bind changes to their own files alone.
ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC"),
        *("LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib"),
    }
)
ALLOWED_FOR = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}  # optional, and used as they are
SPELT = (
    (r"Apache", "Apache-2.0"),
    (r"Mozilla Public License 2\.0|MPL-2\.0", "MPL-2.0"),
    (r"Python Software Foundation|PSFL|License agreement for matplotlib", "PSF-2.0"),
    (r"BSD-2-Clause", "BSD-2-Clause"),
    (r"BSD[- ]3[- ]Clause", "BSD-3-Clause"),
    (r"BSD", "BSD"),
    (r"ISC", "ISC"),
    (r"MIT", "MIT"),
)


def packages(*extras: str) -> list[Distribution]:
    """Afterword's own needs and theirs, by name, as far as this system needs them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project["dependencies"] + [line for name in extras for line in project["optional-dependencies"][name]]
    waiting, found = [Requirement(line) for line in lines], dict[str, Distribution]()
    while waiting:
        need = waiting.pop()
        key = _key(need.name)
        try:
            one = distribution(need.name)
        except PackageNotFoundError:  # an extra of somebody's that is not installed
            continue
        if key == "afterword" or (key in found and not need.extras):
            continue
        found[key] = one
        theirs = [Requirement(line) for line in one.requires or ()]
        waiting += [each for each in theirs if _applies(each, need.extras) and _key(each.name) != key]
    return [found[key] for key in sorted(found)]


def _applies(need: Requirement, extras: Collection[str]) -> bool:
    return need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(one: Distribution) -> str:
    """As an SPDX expression; where a package says it in words, as the nearest one; as it stands where none is near."""
    said = one.metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    words = (said.get("License") or "").partition("\n")[0].strip()
    classified = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or () if line.startswith("License")]
    known = filter(None, map(_spelt, [words, *classified]))
    return next(known, words or "unknown")


def _spelt(words: str) -> str | None:
    if re.fullmatch(r"[\w.-]+( (AND|OR|WITH) [\w.-]+)+", words):
        return words
    return next((spdx for pattern, spdx in SPELT if re.search(pattern, words)), None)


def allowed(name: str, expression: str) -> bool:
    """One of an OR is enough; all of an AND must be allowed."""
    if ALLOWED_FOR.get(name) == expression:
        return True
    parts = re.split(r" OR ", expression)
    return any(set(re.split(r" AND | WITH ", part.strip("()"))) <= ALLOWED for part in parts)


def licences() -> list[tuple[str, str, str, bool]]:
    """Name, version, licence, and whether it may come along."""
    rows = []
    for one in packages("postgres", "dev"):
        name, found = _key(one.metadata["Name"]), licence(one)
        rows.append((name, one.version, found, allowed(name, found)))
    return rows


def bill() -> str:
    """CycloneDX as JSON: what `serve` and its training run on, without the tools of developers."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion
    from packageurl import PackageURL

    made = Bom()
    product = Component(name="afterword", version=distribution("afterword").version, type=ComponentType.APPLICATION)
    made.metadata.component = product
    parts = [
        Component(
            name=one.metadata["Name"],
            version=one.version,
            purl=PackageURL("pypi", name=_key(one.metadata["Name"]), version=one.version),
            bom_ref=_key(one.metadata["Name"]),
            licenses=[LicenseFactory().make_from_string(licence(one))],
        )
        for one in packages("postgres")
    ]
    made.components.update(parts)
    made.register_dependency(product, parts)
    return str(make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2))


def audit() -> str:
    """One sentence. Raises SystemExit where a weakness is known; a service that is away is no weakness."""
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if _audited([line for line in pins if line.startswith(f"{PROBE}==")]) is None:
        return "pip-audit: no service that knows of weaknesses can be reached from here, so nothing was audited."
    found = _audited(pins) or []
    weak = [f"{one['name']} {one['version']}: {flaw['id']}" for one in found for flaw in one.get("vulns", ())]
    if weak:
        raise SystemExit("pip-audit found known weaknesses:\n" + "\n".join(weak))
    skipped = sum("skip_reason" in one for one in found)
    return f"pip-audit: no known weakness in {len(found) - skipped} packages; {skipped} are unknown to it."


def _audited(pins: list[str]) -> list[dict[str, object]] | None:
    """What pip-audit says of each; None where it reached nobody who knows a single one."""
    program = [sys.executable, "-m", "pip_audit", "--requirement", "/dev/stdin", "--no-deps", "--disable-pip"]
    how = ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    done = subprocess.run([*program, *how], input="\n".join(pins), capture_output=True, text=True)
    try:
        found: list[dict[str, object]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return found if any("skip_reason" not in one for one in found) else None


def main() -> None:
    asked, *rest = sys.argv[1:] or ["licences"]
    if asked == "licences":
        rows = licences()
        for found in sorted({row[2] for row in rows}):
            sys.stdout.write(f"{found}: {', '.join(row[0] for row in rows if row[2] == found)}\n")
        if bad := [name for name, _, _, ok in rows if not ok]:
            raise SystemExit(f"These licences are not allowed: {', '.join(bad)}. tests/supply_chain.py has the list.")
    elif asked == "audit":
        sys.stdout.write(audit() + "\n")
    elif asked == "sbom":
        Path(rest[0]).write_text(bill(), "utf-8")
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
