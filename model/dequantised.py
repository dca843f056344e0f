"""A GGUF written out as float32 safetensors, configuration and tokenizer: what training reads.

transformers can do this too (`gguf_file=`), but takes 22 s for the default base, imports torch, and builds a
tokenizer that cuts numbers otherwise than llama.cpp does: it ignores `tokenizer.ggml.pre`, so "2026" becomes other
tokens in training than in serving. Here both sides see the same tokens, and a test compares them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.weights import Floats, Weights

NORMS = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
# GGUF's name of a projection → transformers' name. The order is the order in which refine packs them.
PROJECTIONS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
_PRE_TOKENIZERS: dict[str, dict[str, Any]] = {
    "gpt-2": _BYTES,
    "smollm": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, _BYTES]},
}
_CONTROL, _USER_DEFINED = 3, 4  # token types of llama.cpp


class UnsupportedModelError(Exception):
    """A model whose weights or tokenizer this project cannot train on; the sentence says which part."""


@dataclass(frozen=True)
class Shape:
    """The sizes of a llama-architecture network."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int

    def projection(self, name: str) -> tuple[int, int]:
        """Rows (outputs) and columns (inputs) of one of PROJECTIONS."""
        queries, keys = self.heads * self.head_size, self.kv_heads * self.head_size
        return {
            "attn_q": (queries, self.hidden),
            "attn_k": (keys, self.hidden),
            "attn_v": (keys, self.hidden),
            "attn_output": (self.hidden, queries),
            "ffn_gate": (self.feed_forward, self.hidden),
            "ffn_up": (self.feed_forward, self.hidden),
            "ffn_down": (self.hidden, self.feed_forward),
        }[name]

    def rotated_heads(self, name: str) -> int | None:
        """How many heads' rows llama.cpp reorders for its rotary embedding; None where it keeps the order."""
        return {"attn_q": self.heads, "attn_k": self.kv_heads}.get(name)


def shape(weights: Weights) -> Shape:
    """The sizes in a GGUF's metadata. Raises UnsupportedModelError for another architecture than llama's."""
    facts = weights.metadata
    if facts.get("general.architecture") != "llama":
        raise UnsupportedModelError(f"its architecture is {facts.get('general.architecture')!r}, not 'llama'.")
    heads, hidden = int(facts["llama.attention.head_count"]), int(facts["llama.embedding_length"])
    return Shape(
        layers=int(facts["llama.block_count"]),
        hidden=hidden,
        feed_forward=int(facts["llama.feed_forward_length"]),
        heads=heads,
        kv_heads=int(facts.get("llama.attention.head_count_kv", heads)),
        head_size=int(facts.get("llama.attention.key_length", hidden // heads)),
    )


def to_llama_rows(matrix: Floats, heads: int) -> Floats:
    """Reorder the rows of a q or k matrix (or of its lora_B) from transformers' rotary layout to llama.cpp's."""
    rows, columns = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def from_llama_rows(matrix: Floats, heads: int) -> Floats:
    """The inverse of `to_llama_rows`."""
    rows, columns = matrix.shape
    return matrix.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write_copy(weights: Weights, folder: Path, *, progress: Callable[[str, int, int], None]) -> None:
    """Write model.safetensors (float32), config.json, tokenizer.json and tokenizer_config.json into `folder`."""
    from safetensors.numpy import save_file

    sizes = shape(weights)
    if "rope_freqs.weight" in weights or weights.metadata.get("llama.rope.scaling.type", "none") != "none":
        raise UnsupportedModelError("it stretches its rotary embedding.")
    tokenizer, settings = _tokenizer(weights.metadata), _tokenizer_settings(weights.metadata)
    tensors: dict[str, Floats] = {}
    for name in weights.tensors:
        target, heads = _place(name, sizes)
        array = weights.array(name)
        tensors[target] = np.ascontiguousarray(from_llama_rows(array, heads) if heads else array)
        progress("Preparing the training copy", len(tensors), len(weights.tensors))
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    files = {"config.json": _config(weights, sizes), "tokenizer.json": tokenizer, "tokenizer_config.json": settings}
    for file, content in files.items():
        (folder / file).write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _place(name: str, sizes: Shape) -> tuple[str, int | None]:
    """transformers' name of a GGUF tensor, and the heads whose rows must be put back in order."""
    whole = {
        "token_embd.weight": "model.embed_tokens.weight",
        "output_norm.weight": "model.norm.weight",
        "output.weight": "lm_head.weight",
    }
    if name in whole:
        return whole[name], None
    _, layer, part, *rest = [*name.split("."), "", "", ""]
    target = PROJECTIONS.get(part) or NORMS.get(part)
    if not name.startswith("blk.") or target is None or rest[0] != "weight":
        raise UnsupportedModelError(f"it has a tensor {name}.")
    return f"model.layers.{layer}.{target}.weight", sizes.rotated_heads(part)


def _config(weights: Weights, sizes: Shape) -> dict[str, Any]:
    facts = weights.metadata
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "float32",
        "hidden_act": "silu",
        "hidden_size": sizes.hidden,
        "intermediate_size": sizes.feed_forward,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "num_key_value_heads": sizes.kv_heads,
        "head_dim": sizes.head_size,
        "max_position_embeddings": facts["llama.context_length"],
        "rms_norm_eps": facts["llama.attention.layer_norm_rms_epsilon"],
        "rope_theta": facts.get("llama.rope.freq_base", 10000.0),
        "tie_word_embeddings": "output.weight" not in weights,
        "vocab_size": len(facts["tokenizer.ggml.tokens"]),
        "bos_token_id": facts.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": facts["tokenizer.ggml.eos_token_id"],
        "attention_bias": False,
        "mlp_bias": False,
    }


def _tokenizer(facts: dict[str, Any]) -> dict[str, Any]:
    """The vocabulary in the format of the `tokenizers` library, cut into words as llama.cpp cuts them."""
    kind, pre = facts.get("tokenizer.ggml.model"), facts.get("tokenizer.ggml.pre")
    if kind != "gpt2" or pre not in _PRE_TOKENIZERS:
        raise UnsupportedModelError(f"its tokenizer is {kind!r} with {pre!r} rules.")
    tokens, types = facts["tokenizer.ggml.tokens"], facts["tokenizer.ggml.token_type"]
    special = [i for i, kind in enumerate(types) if kind in (_CONTROL, _USER_DEFINED)]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": tokens[i], **flags, "special": types[i] == _CONTROL} for i in special],
        "normalizer": None,
        "pre_tokenizer": _PRE_TOKENIZERS[pre],
        "post_processor": None,
        "decoder": _BYTES,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: i for i, token in enumerate(tokens)},
            "merges": facts["tokenizer.ggml.merges"],
        },
    }


def _tokenizer_settings(facts: dict[str, Any]) -> dict[str, Any]:
    template = facts.get("tokenizer.chat_template")
    if not template:
        raise UnsupportedModelError("it has no chat template.")
    tokens = facts["tokenizer.ggml.tokens"]
    end = tokens[facts["tokenizer.ggml.eos_token_id"]]
    begin = facts.get("tokenizer.ggml.bos_token_id")
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "chat_template": template,
        "add_bos_token": bool(facts.get("tokenizer.ggml.add_bos_token", False)),
        "bos_token": None if begin is None else tokens[begin],
        "eos_token": end,
        "pad_token": end,
    }
