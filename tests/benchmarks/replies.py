"""How many answers are read as a person reads them. `apart` was written before the rules, `known` with them."""

from tests.benchmarks.report import Figure, main
from tests.replies import Case, cases, wrong

ROUNDS = 10  # each answer as so many mail programs send it
GOAL = 0.95


def measure(quick: bool) -> list[Figure]:
    rounds = 2 if quick else ROUNDS
    known, apart = (cases(name, seed=7, rounds=rounds) for name in ("known", "apart"))
    return [
        Figure("cases", len(known) + len(apart), "answers", 300, least=True),
        Figure("right", right(known + apart), "share", GOAL, least=True),
        Figure("right_apart", right(apart), "share", GOAL, least=True),
        Figure("unsubscribe_recall", recall(known + apart), "share", 1.0, least=True),
        Figure("false_unsubscribes", false_unsubscribes(known + apart), "answers", 0),
    ]


def right(some: list[Case]) -> float:
    return 1 - len(list(wrong(some))) / len(some)


def recall(some: list[Case]) -> float:
    """The share of the wishes for no more emails that are seen as such."""
    wishes = [case for case in some if case.kind == "unsubscribe"]
    return 1 - len(list(wrong(wishes))) / len(wishes)


def false_unsubscribes(some: list[Case]) -> int:
    others = [case for case in some if case.kind != "unsubscribe"]
    return sum(answer.kind == "unsubscribe" for _, answer in wrong(others))


if __name__ == "__main__":
    raise SystemExit(main("How well answers are read.", measure))
