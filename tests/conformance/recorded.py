"""`python -m tests.conformance.recorded FILE serve …`: `afterword serve …` as it is, with what it says taken down."""

import runpy
import sys
from pathlib import Path

from tests.conformance import recorder

if __name__ == "__main__":
    recorder.start(Path(sys.argv.pop(1)), told=False)  # an emulator speaks to it, which has ways of its own
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
