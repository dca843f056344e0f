"""What people would use instead, each in a process of its own: transformers' `generate`, and TRL's `SFTTrainer`.

    python -m tests.benchmarks.rivals generate|sft FOLDER

FOLDER holds `task.json`, which says what to do; the answer is one JSON object on stdout. tests/benchmarks/speed.py
writes the one and reads the other.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

WARM_UP = 2  # drafts or steps that are not timed


def generate(task: dict[str, Any]) -> dict[str, Any]:
    """Draft with the adapter merged into the base, greedily, as long as ours are, in the faster type."""
    return {"seconds": min(_generated(task, dtype) for dtype in (torch.float32, torch.bfloat16))}


def _generated(task: dict[str, Any], dtype: torch.dtype) -> float:
    from peft import PeftModel

    base = AutoModelForCausalLM.from_pretrained(task["copy"], dtype=dtype)
    model = PeftModel.from_pretrained(base, task["adapter"]).merge_and_unload().eval()
    begun = time.perf_counter()
    with torch.inference_mode():
        for number, (prompt, tokens) in enumerate(task["drafts"]):
            if number == WARM_UP:
                begun = time.perf_counter()
            model.generate(torch.tensor([prompt]), max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False)
    return time.perf_counter() - begun


def sft(task: dict[str, Any]) -> dict[str, Any]:
    """The same examples, batch, steps, rate, rank and type through TRL's trainer."""
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    rows = [
        {"input_ids": ids, "completion_mask": [0] * prompt + [1] * (len(ids) - prompt)}
        for ids, prompt in task["examples"]
    ]
    watch = _Watch([len(ids) for ids, _ in task["examples"]])
    dtype = getattr(torch, task["dtype"])
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(task["copy"], dtype=dtype),
        train_dataset=Dataset.from_list(rows),
        peft_config=LoraConfig(r=task["rank"], lora_alpha=task["alpha"], lora_dropout=0.0, target_modules="all-linear"),
        args=SFTConfig(
            output_dir=task["folder"],
            per_device_train_batch_size=task["batch"],
            gradient_accumulation_steps=1,
            max_steps=task["steps"],
            learning_rate=task["rate"],
            lr_scheduler_type="linear",
            warmup_steps=task["warm_up"],
            max_grad_norm=1.0,
            weight_decay=0.0,
            completion_only_loss=True,
            gradient_checkpointing=False,
            max_length=None,
            use_cpu=True,
            bf16=dtype is torch.bfloat16,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            logging_strategy="no",
            seed=1,
        ),
    )
    trainer.add_callback(watch.callback())
    trainer.train()
    return {"tokens_per_second": watch.tokens_per_second(task["batch"]), "held_out_loss": _loss(trainer.model, task)}


class _Watch:
    """Time of the steps after the first ones."""

    def __init__(self, lengths: list[int]) -> None:
        self._mean = sum(lengths) / len(lengths)
        self._ends: list[float] = []

    def callback(self) -> Any:
        from transformers import TrainerCallback

        ends = self._ends

        class Ends(TrainerCallback):  # type: ignore[misc]
            def on_step_end(self, *_: Any, **__: Any) -> None:
                ends.append(time.perf_counter())

        return Ends()

    def tokens_per_second(self, batch: int) -> float:
        """Of real tokens: padding is work, but nothing learned."""
        timed = self._ends[WARM_UP - 1 :]
        return self._mean * batch * (len(timed) - 1) / (timed[-1] - timed[0])


@torch.no_grad()
def _loss(model: Any, task: dict[str, Any]) -> float:
    """Mean negative log-likelihood of the held-out completions' tokens."""
    model.eval()
    total, count = 0.0, 0
    for ids, prompt in task["held_out"]:
        logits = model(input_ids=torch.tensor([ids])).logits[0, prompt - 1 : -1].float()
        total += torch.nn.functional.cross_entropy(logits, torch.tensor(ids[prompt:]), reduction="sum").item()
        count += len(ids) - prompt
    return total / count


def main() -> int:
    parser = argparse.ArgumentParser(description="One rival, one task.")
    parser.add_argument("rival", choices=("generate", "sft"))
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    task = json.loads((arguments.folder / "task.json").read_text("utf-8"))
    answer = {"generate": generate, "sft": sft}[arguments.rival](task)
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
