"""The base in transformers with PEFT's LoRA pairs, reading a batch as one row without padding.

Examples lie end to end, and a beginning that all share, such as the system prompt, is computed once. Only attention
has to know the borders, so it is the one part replaced, through transformers' own AttentionInterface; any model of
transformers that uses that interface can be refined.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM
from transformers.utils import logging as transformers_logging

from model.weights import Floats

PACKED = "packed"  # our name for the attention below


@dataclass(frozen=True)
class Packed:
    """A batch as one row of tokens: a shared beginning, then the rest of each example.

    `ids` and `positions` are (tokens,); `targets` are the places in the row whose next token is learned, with the
    ids `labels` and the `weights` of those tokens, each (targets,).
    """

    ids: Tensor
    positions: Tensor
    shared: int
    rests: list[int]
    targets: Tensor
    labels: Tensor
    weights: Tensor

    @cached_property
    def masks(self) -> list[Tensor]:
        """What each rest may see: the whole shared beginning, and of itself what came before."""
        return [torch.ones(n, self.shared + n, dtype=torch.bool).tril(self.shared) for n in self.rests]


class Network:
    """A training copy with fresh LoRA pairs on every projection; `parameters` are those pairs alone."""

    def __init__(self, copy: Path, *, rank: int, alpha: float, dtype: torch.dtype) -> None:
        """Read the weights. `dtype` is that of the large products, float32 or bfloat16; sums stay in float32."""
        transformers_logging.disable_progress_bar()
        self._base = AutoModelForCausalLM.from_pretrained(copy, dtype=torch.float32, attn_implementation=PACKED)
        pairs = LoraConfig(r=rank, lora_alpha=alpha, target_modules="all-linear", lora_dropout=0.0)
        self._adapted = get_peft_model(self._base, pairs)
        self._dtype = dtype
        self.parameters = [parameter for _, parameter in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, torch.nn.Parameter]]:
        """What is trained: the LoRA pairs, by PEFT's names."""
        return [(name, p) for name, p in self._adapted.named_parameters() if p.requires_grad]

    def loss(self, packed: Packed) -> Tensor:
        """Negative log-likelihood of the targets times their weights, summed."""
        each = F.cross_entropy(self.logits(packed), packed.labels, reduction="none")
        return (each * packed.weights).sum()

    def logits(self, packed: Packed) -> Tensor:
        """(targets, vocabulary); the head, a fifth of the network, sees only what is learned."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self._dtype is torch.bfloat16):
            hidden = self._base.model(
                input_ids=packed.ids[None], position_ids=packed.positions[None], packed=packed, use_cache=False
            ).last_hidden_state[0]
            result: Tensor = self._base.lm_head(hidden[packed.targets])
        return result.float()

    def tensors(self) -> dict[str, Floats]:
        """The LoRA pairs under PEFT's names, as `adapters.write` takes them."""
        return {
            name: tensor.detach().numpy().copy() for name, tensor in get_peft_model_state_dict(self._adapted).items()
        }


def _attend(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: None, *, packed: Packed, **_: Any
) -> tuple[Tensor, None]:
    """Causal attention inside each example; in (1, heads, tokens, size), out (1, tokens, heads, size)."""
    lengths = [packed.shared, *packed.rests] if packed.shared else packed.rests
    parts = list(zip(*(x[0].split(lengths, dim=1) for x in (query, key, value)), strict=True))
    if not packed.shared:
        return _joined([_attention(*part) for part in parts])
    (_, first_keys, first_values), *rests = parts
    results = [_attention(*parts[0])]
    for (q, k, v), seen in zip(rests, packed.masks, strict=True):
        results.append(_attention(q, torch.cat([first_keys, k], 1), torch.cat([first_values, v], 1), seen))
    return _joined(results)


def _joined(results: list[Tensor]) -> tuple[Tensor, None]:
    return torch.cat(results, 1).transpose(0, 1).unsqueeze(0), None


def _attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
    return F.scaled_dot_product_attention(
        queries[None], keys[None], values[None], attn_mask=mask, is_causal=mask is None, enable_gqa=True
    )[0]


AttentionInterface.register(PACKED, _attend)
AttentionMaskInterface.register(PACKED, lambda *_, **__: None)  # the borders are in `packed`
