"""Adapters of random numbers, each of which bends the base's words in its own way."""

from pathlib import Path

import numpy as np

from model import adapters
from model.base import Base
from model.dequantised import PROJECTIONS, shape
from model.weights import Floats, Weights

RANK, ALPHA = 4, 8.0


def random_tensors(base: Base, seed: int, strength: float = 0.03) -> dict[str, Floats]:
    numbers = np.random.default_rng(seed)
    sizes = shape(Weights(base.path))
    tensors = {}
    for layer in range(sizes.layers):
        for projection in PROJECTIONS:
            outputs, inputs = sizes.projection(projection)
            for half, form, size in (("A", (RANK, inputs), inputs**-0.5), ("B", (outputs, RANK), strength)):
                numbers_here = numbers.standard_normal(form) * size
                tensors[adapters.peft_name(layer, projection, half)] = numbers_here.astype(np.float32)
    return tensors


def random_adapter(base: Base, parent: Path, seed: int, strength: float = 0.03) -> Path:
    tensors = random_tensors(base, seed, strength)
    return adapters.write(parent, f"random-{seed}", tensors, base, rank=RANK, alpha=ALPHA, facts={"seed": seed})
