"""Timing that a noisy machine can't spoil: rounds in turn, the best of each."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

ROUNDS: Final = 5


def best_of(
    work: Mapping[str, Callable[[], object]], *, rounds: int = ROUNDS
) -> dict[str, float]:
    """Seconds of each, the best of `rounds`; they take turns, so that a busy moment
    of the machine meets all of them."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(rounds):
        for name, run in work.items():
            begun = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - begun)
    return best


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of them don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
