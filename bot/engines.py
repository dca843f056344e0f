"""Which engine drafts, as the settings say: llama.cpp in this process, or vLLM servers elsewhere."""

from pathlib import Path

from bot.settings import Settings
from model.engine import Engines
from model.vllm import Vllm


def engines_for(settings: Settings, base: Path) -> Engines | Vllm:
    """Nothing is loaded and nobody is called before the first draft. `base` is a verified GGUF file."""
    return Vllm(base, settings.vllm_urls) if settings.engine == "vllm" else Engines(base)
