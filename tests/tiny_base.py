"""A base model of a few kilobytes: adapters can be written for it and checked against it, and it cannot draft."""

from pathlib import Path

import numpy as np

from model.base import Base, describe

LAYERS, HIDDEN, FEED_FORWARD, HEADS, KV_HEADS = 2, 16, 32, 4, 2


def tiny_base(path: Path) -> Base:
    """Write it as a GGUF file."""
    from gguf import GGUFWriter

    writer = GGUFWriter(path, "llama")
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_tensor("token_embd.weight", np.zeros((4, HIDDEN), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return describe(path)
