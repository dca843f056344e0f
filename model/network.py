"""The base in transformers with PEFT's LoRA pairs, reading a batch as one row without padding.

The lower layers stay as they are. What they make of a text is the same in every pass, so it is computed once, and a
step goes through the upper layers alone: half the work and less memory (docs/log.md has what that does to drafts).

Examples lie end to end, and a beginning that all share, such as the system prompt, is computed once. Only attention
has to know the borders, so it is the one part replaced, through transformers' own AttentionInterface.
"""

import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM
from transformers.utils import logging as transformers_logging

from model.dequantised import PROJECTIONS
from model.examples import Tokens
from model.weights import Floats

PACKED = "packed"  # our name for the attention below
HEAD_ROWS = 64  # targets in the head at a time: the vocabulary's width makes each one large


@dataclass(frozen=True)
class Row:
    """An example as the upper layers read it: `states` are (tokens, size)."""

    tokens: Tokens
    states: Tensor


@dataclass(frozen=True)
class Packed:
    """A batch as one row of tokens: a shared beginning, then the rest of each example.

    `states` are (tokens, size) and `positions` (tokens,); `targets` are the places in the row whose next token is
    learned, with the ids `labels` and the `weights` of those tokens, each (targets,).
    """

    states: Tensor
    positions: Tensor
    shared: int
    rests: list[int]
    targets: Tensor
    labels: Tensor
    weights: Tensor

    @cached_property
    def masks(self) -> list[Tensor]:
        """What the shared beginning and each rest may see: all of the beginning, and of itself what came before."""
        first = [torch.ones(self.shared, self.shared, dtype=torch.bool).tril()] if self.shared else []
        return first + [torch.ones(n, self.shared + n, dtype=torch.bool).tril(self.shared) for n in self.rests]


class Network:
    """A training copy with fresh LoRA pairs on every projection of the upper layers, which `parameters` are alone."""

    def __init__(self, folder: Path, *, rank: int, alpha: float, dtype: torch.dtype, frozen: float) -> None:
        """Read the training copy in `folder` and keep the lower `frozen` (0 to 1) of its layers as they are.

        `dtype` is that of the large products, float32 or bfloat16; sums stay in float32.
        """
        transformers_logging.disable_progress_bar()
        self._base = AutoModelForCausalLM.from_pretrained(  # nosec B615  # a folder, never the hub
            folder, dtype=dtype, attn_implementation=PACKED
        )
        layers = self._base.model.layers
        first = int(len(layers) * frozen)
        pairs = LoraConfig(
            r=rank,
            lora_alpha=alpha,
            lora_dropout=0.0,
            target_modules=[module.rpartition(".")[2] for module in PROJECTIONS.values()],
            layers_to_transform=list(range(first, len(layers))),
        )
        self._adapted = get_peft_model(self._base, pairs)
        self._dtype = dtype
        self._lower = self._parted(first)
        if dtype is torch.bfloat16:
            self._round_norms()
        self.parameters = [parameter for _, parameter in self.named_parameters()]

    def _round_norms(self) -> None:
        """Round what layers read once, after the norm, and not in each projection: fewer copies to keep."""
        for name, module in self._base.model.named_modules():
            if name.endswith("layernorm"):
                module.register_forward_hook(lambda _module, _read, normed: normed.bfloat16())
            module.cast_input_dtype_enabled = False  # PEFT's own, which would undo it

    def _parted(self, first: int) -> nn.Module:
        """Take the layers below `first` out of the network and return them as one of their own."""
        whole = self._base.model
        lower = copy.copy(whole)
        lower._modules = {**whole._modules, "layers": whole.layers[:first], "norm": nn.Identity()}
        # Those above keep their numbers, and with them PEFT's names.
        whole.layers = nn.ModuleList([*(_Passed() for _ in range(first)), *whole.layers[first:]])
        return lower

    @torch.no_grad()
    def row(self, tokens: Tokens) -> Row:
        """What the lower layers make of an example."""
        ids = torch.tensor(tokens.ids)
        alone = Packed(
            states=self._base.get_input_embeddings()(ids).float(),  # sums stay in float32 from here on
            positions=torch.arange(len(ids)),
            shared=0,
            rests=[len(ids)],
            targets=ids[:0],
            labels=ids[:0],
            weights=ids[:0],
        )
        return Row(tokens, self._through(self._lower, alone).to(self._dtype))

    def named_parameters(self) -> list[tuple[str, torch.nn.Parameter]]:
        """What is trained: the LoRA pairs, by PEFT's names."""
        return [(name, p) for name, p in self._adapted.named_parameters() if p.requires_grad]

    def gradients(self, packed: Packed, *, scale: float) -> tuple[float, tuple[Tensor, ...]]:
        """Loss and its gradients by `parameters`: the targets' negative log-likelihood times weight, summed, × `scale`.

        The head learns nothing, so it goes forward and back in parts before the rest goes back: its width never
        stands in memory for all targets at once.
        """
        hidden = self._hidden(packed)
        loss, slopes = 0.0, []
        parts = zip(*(x.split(HEAD_ROWS) for x in (hidden.detach(), packed.labels, packed.weights)), strict=True)
        for rows, labels, weights in parts:
            each = F.cross_entropy(self._head(rows.requires_grad_()), labels, reduction="none")
            part = (each * weights).sum() * scale
            slopes += torch.autograd.grad(part, rows)
            loss += part.item()
        return loss, torch.autograd.grad(hidden, self.parameters, torch.cat(slopes))

    def logits(self, packed: Packed) -> Tensor:
        """(targets, vocabulary); the head, a fifth of the network, sees only what is learned."""
        return self._head(self._hidden(packed))

    def _hidden(self, packed: Packed) -> Tensor:
        return self._through(self._base.model, packed)[packed.targets]

    def _through(self, layers: nn.Module, packed: Packed) -> Tensor:
        with self._products():
            output = layers(
                inputs_embeds=packed.states[None].float(),
                position_ids=packed.positions[None],
                packed=packed,
                use_cache=False,
            )
        hidden: Tensor = output.last_hidden_state[0]
        return hidden

    def _head(self, hidden: Tensor) -> Tensor:
        with self._products():
            result: Tensor = self._base.lm_head(hidden)
        return result.float()

    def _products(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self._dtype is torch.bfloat16)

    def tensors(self) -> dict[str, Floats]:
        """The LoRA pairs under PEFT's names, as `adapters.write` takes them."""
        return {
            name: tensor.detach().numpy().copy() for name, tensor in get_peft_model_state_dict(self._adapted).items()
        }


class _Passed(nn.Module):
    """Where a frozen layer was: its work is done already."""

    def forward(self, hidden: Tensor, **_: Any) -> Tensor:
        return hidden


def _attend(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: None, *, packed: Packed, **_: Any
) -> tuple[Tensor, None]:
    """Causal attention inside each example; in (1, heads, tokens, size), out (1, tokens, heads, size)."""
    lengths = [packed.shared, *packed.rests] if packed.shared else packed.rests
    parts = list(zip(*(x[0].split(lengths, dim=1) for x in (query, key, value)), packed.masks, strict=True))
    if not packed.shared:
        return _joined([_attention(*part) for part in parts])
    (_, first_keys, first_values, _), *rests = parts
    results = [_attention(*parts[0])]
    for q, k, v, seen in rests:
        results.append(_attention(q, torch.cat([first_keys, k], 1), torch.cat([first_values, v], 1), seen))
    return _joined(results)


def _joined(results: list[Tensor]) -> tuple[Tensor, None]:
    return torch.cat(results, 1).transpose(0, 1).unsqueeze(0), None


def _attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """softmax(queries · keys) · values by plain products: quicker at these lengths than the CPU flash kernel."""
    (heads, length, size), groups = queries.shape, keys.shape[0]
    grouped = queries.reshape(groups, heads // groups * length, size) * size**-0.5
    scores = (grouped @ keys.transpose(1, 2)).view(heads, length, -1).masked_fill(~mask, -torch.inf)
    shares = scores.softmax(-1).view(groups, heads // groups * length, -1)
    return (shares @ values).view(heads, length, size)


AttentionInterface.register(PACKED, _attend)
AttentionMaskInterface.register(PACKED, lambda *_, **__: None)  # the borders are in `packed`
