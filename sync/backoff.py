"""How long to wait before the next try."""

import random

_JITTER_RANDOM = random.Random()


def full_jitter(failures: int, base: float, cap: float, rng: random.Random = _JITTER_RANDOM) -> float:
    """
    Seconds to wait after so many *failures* in a row: anything up to *base* doubled each time, at most *cap*.

    Full jitter, as in "Exponential Backoff And Jitter" of the AWS Architecture Blog; never less than a second.
    """
    return max(1.0, rng.uniform(0.0, min(cap, base * 2.0 ** min(failures, 30))))


def add_jitter(seconds: float, rng: random.Random = _JITTER_RANDOM) -> float:
    """*seconds*, give or take a fifth, so that many kiosks do not ask in step."""
    return seconds * rng.uniform(0.8, 1.2)
