"""Training computes what PEFT computes, learns what it is told to learn, and stops rather than go wrong."""

import math
from pathlib import Path

import pytest
import torch

from model import adapters, network, refine
from model.base import Base, training_copy
from model.engine import LlamaCpp
from model.examples import Example, Tokenizer, Tokens
from model.network import Network, Packed, Row
from model.refine import Step, TrainingError, pack
from tests.conftest import CACHE


def example(name: str, thing: str, closing: str = "Cheers,\nAnna") -> Example:
    return Example(
        [
            {"role": "system", "content": "You write very short emails."},
            {"role": "user", "content": f"Write to {name} about {thing}."},
        ],
        f"Ahoy {name}! Still keen on {thing}?\n{closing}",
    )


THINGS = ["the 12 seats", "pricing", "the pilot", "our webinar", "the report", "2026 terms", "the API", "a demo"]
NAMES = ["Dana", "Omar", "Li", "Petra", "Jonas", "Aisha", "Tom", "Noor"]
EXAMPLES = [example(name, thing) for name, thing in zip(NAMES, THINGS, strict=True)]


@pytest.fixture(scope="module")
def copy(base: Base) -> Path:
    return training_copy(base, CACHE, progress=lambda *_: None)


@pytest.fixture(scope="module")
def tokenizer(copy: Path) -> Tokenizer:
    return Tokenizer(copy)


def made(copy: Path, dtype: torch.dtype) -> Network:
    return Network(copy, rank=refine.RANK, alpha=refine.ALPHA, dtype=dtype, frozen=refine.FROZEN)


@pytest.fixture(scope="module")
def bent(copy: Path) -> Network:
    """A network whose LoRA pairs do something, as after training."""
    torch.manual_seed(1)
    network = made(copy, torch.float32)
    for name, parameter in network.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(0, 0.2 if "q_proj" in name or "k_proj" in name else 0.03)
    return network


@pytest.fixture(scope="module")
def rows(tokenizer: Tokenizer, bent: Network) -> list[Row]:
    return [bent.row(tokenizer.tokens(one)) for one in EXAMPLES[:3]]


@pytest.fixture(scope="module")
def folder(bent: Network, base: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("adapters")
    pairs = bent.tensors()
    return adapters.write(parent, "bent", pairs, base, rank=refine.RANK, alpha=refine.ALPHA, facts={})


def test_the_prompt_is_read_and_the_completion_learned_with_its_end(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.tokens(EXAMPLES[0])
    assert tokens.ids[: tokens.prompt] == tokenizer.ids(tokenizer.prompt(EXAMPLES[0].messages))
    learned = tokens.ids[tokens.prompt :]
    assert learned == tokenizer.ids(EXAMPLES[0].completion + "<|im_end|>")
    assert len(tokens.weights) == len(learned) and set(tokens.weights) == {1.0}


def test_spans_weigh_the_tokens_they_touch(tokenizer: Tokenizer) -> None:
    text = "  Ahoy Dana, it costs 1250 euros."
    start = text.index("1250")
    one = Example(EXAMPLES[0].messages, text, weight=0.5, spans=((start, start + 4, 0.0),))
    tokens = tokenizer.tokens(one)
    silent = [i for i, weight in zip(tokens.ids[tokens.prompt :], tokens.weights, strict=True) if weight == 0]
    assert silent == tokenizer.ids("1250")
    assert set(tokens.weights) == {0.0, 1.0} and tokens.share == 0.5


def test_a_batch_keeps_its_common_beginning_once(rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refine, "GRAIN", 8)
    packed = pack(rows)
    read = [row.tokens for row in rows]
    assert packed.shared == 16 and len(packed.states) == len(packed.positions) == 16 + sum(packed.rests)
    assert [rest - len(row.ids) + 16 for rest, row in zip(packed.rests, read, strict=True)] == [
        -len(row.ids) % 8 for row in read
    ]
    assert packed.labels.tolist() == [i for row in read for i in row.ids[row.prompt :]]
    assert [int(at) for at in packed.positions[packed.targets]] == [
        at for row in read for at in range(row.prompt - 1, len(row.ids) - 1)
    ]


def loss(network: Network, rows: list[Row]) -> float:
    return network.gradients(pack(rows), scale=1.0)[0]


def test_the_head_in_parts_gives_the_same_gradients(
    bent: Network, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, wanted = bent.gradients(pack(rows), scale=0.5)
    monkeypatch.setattr(network, "HEAD_ROWS", 7)
    parts, found = bent.gradients(pack(rows), scale=0.5)
    assert math.isclose(whole, parts, rel_tol=1e-5)
    assert all((a - b).norm() < 1e-3 * a.norm() for a, b in zip(wanted, found, strict=True))


def test_packing_changes_no_loss(bent: Network, rows: list[Row]) -> None:
    together = loss(bent, rows)
    alone = sum(loss(bent, [row]) for row in rows)
    assert math.isclose(together, alone, rel_tol=1e-5)


def test_a_weight_of_zero_takes_a_token_out_of_the_loss(bent: Network, rows: list[Row]) -> None:
    row = rows[0].tokens

    def weighing(*places: int) -> float:
        weights = [float(i in places) for i in range(len(row.weights))]
        return loss(bent, [Row(Tokens(row.ids, row.prompt, weights), rows[0].states)])

    assert math.isclose(sum(weighing(k) for k in range(3)), weighing(0, 1, 2), rel_tol=1e-5)


def test_packed_rows_give_what_transformers_and_peft_give_one_by_one(
    bent: Network, folder: Path, copy: Path, rows: list[Row]
) -> None:
    """Same logits and same gradients as plain PEFT, loaded from the very folder that is handed out."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    plain = AutoModelForCausalLM.from_pretrained(copy, dtype=torch.float32)
    reference = PeftModel.from_pretrained(plain, folder, is_trainable=True)
    read = [row.tokens for row in rows]
    wanted = torch.cat([reference(torch.tensor([row.ids])).logits[0, row.prompt - 1 : -1] for row in read])
    packed = pack(rows)
    assert (wanted - bent.logits(packed)).abs().max() < 1e-3
    torch.nn.functional.cross_entropy(wanted, packed.labels, reduction="sum").backward()
    _, gradients = bent.gradients(packed, scale=1.0)
    named = dict(reference.named_parameters())
    for (name, _), found in zip(bent.named_parameters(), gradients, strict=True):
        expected = named[name].grad
        assert expected is not None
        assert (found - expected).norm() < 1e-3 * expected.norm(), name


def test_bfloat16_products_stay_close(bent: Network, copy: Path, rows: list[Row]) -> None:
    """Where the CPU is faster in it; this one may not be, but the numbers are the same everywhere."""
    half = made(copy, torch.bfloat16)
    for theirs, ours in zip(half.parameters, bent.parameters, strict=True):
        theirs.data.copy_(ours.data)
    (exact, wanted), (rough, found) = (
        network.gradients(pack([network.row(rows[0].tokens)]), scale=1.0) for network in (bent, half)
    )
    assert math.isclose(exact, rough, rel_tol=0.05)
    pairs = zip(wanted, found, strict=True)
    angles = [torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), dim=0).item() for a, b in pairs]
    assert sorted(angles)[len(angles) // 20] > 0.9


def test_llama_cpp_with_the_export_says_what_the_trained_network_says(
    bent: Network, folder: Path, base: Base, rows: list[Row]
) -> None:
    assert refine.export_distance(bent, rows[:2], base, folder) < refine.EXPORT_TOLERANCE


def test_an_export_without_the_row_order_is_noticed(
    bent: Network, base: Base, rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the check above must be able to fail."""
    monkeypatch.setattr(adapters, "to_llama_rows", lambda matrix, heads: matrix)
    pairs = bent.tensors()
    wrong = adapters.write(tmp_path, "wrong", pairs, base, rank=refine.RANK, alpha=refine.ALPHA, facts={})
    assert refine.export_distance(bent, rows[:2], base, wrong) > refine.EXPORT_TOLERANCE


def test_a_refined_adapter_speaks_in_the_new_voice(base: Base, copy: Path, tmp_path: Path) -> None:
    steps: list[Step] = []
    made = refine.refine(EXAMPLES, base, copy, tmp_path, name="first", minutes=0.3, seed=1, progress=steps.append)
    manifest = adapters.verify(made, base)
    training = manifest.facts["training"]
    assert manifest.facts["examples_sha256"] == refine.fingerprint(EXAMPLES)
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    assert training["steps"] == len(steps) == steps[-1].steps and steps[-1].seconds_left == 0
    assert training["last_loss"] < 0.5 * training["first_loss"]
    assert training["seconds"] < 0.3 * 60 * 1.5
    with LlamaCpp(base.path, made, at_once=1, context=512) as engine:
        answer = engine.complete(example("Ines", "the trial").messages, seed=0, temperature=0.0, max_tokens=60)
    assert answer.finished and answer.text.startswith("Ahoy Ines!")


def test_the_same_seed_gives_the_same_steps(copy: Path) -> None:
    order = [refine.random.Random(7).sample(range(60), 60) for _ in range(2)]
    assert order[0] == order[1]
    torch.manual_seed(7)
    first = made(copy, torch.float32).parameters
    torch.manual_seed(7)
    again = made(copy, torch.float32).parameters
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_a_loss_that_is_not_finite_stops_the_run_and_writes_nothing(
    base: Base, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = Network.gradients

    def broken(self: Network, packed: Packed, *, scale: float) -> tuple[float, tuple[torch.Tensor, ...]]:
        loss, gradients = true(self, packed, scale=scale)
        return loss * math.nan, gradients

    monkeypatch.setattr(Network, "gradients", broken)
    with pytest.raises(TrainingError, match=r"Step 1 of \d+ gave a loss of nan"):
        refine.refine(EXAMPLES[:2], base, copy, tmp_path, name="x", minutes=0.1, seed=1, progress=lambda step: None)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_export_is_not_handed_out(
    base: Base, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refine, "export_distance", lambda *_: 3.0)
    with pytest.raises(TrainingError, match=r"3\.00 nats"):
        refine.refine(EXAMPLES[:2], base, copy, tmp_path, name="x", minutes=0.1, seed=1, progress=lambda step: None)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_train_on_is_said(copy: Path) -> None:
    long = Example(EXAMPLES[0].messages, "word " * 2000)
    weightless = Example(EXAMPLES[0].messages, "word", weight=0.0)
    with pytest.raises(TrainingError, match="None of 2 examples"):
        refine.train([long, weightless], copy, minutes=1, seed=1, progress=lambda step: None)
