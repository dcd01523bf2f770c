"""Backoff: how long to wait before the next attempt."""

import random

_JITTER_RANDOM = random.Random()


def full_jitter(failures: int, base: float, cap: float, rng: random.Random = _JITTER_RANDOM) -> float:
    """
    Return a random number of seconds, up to *base* doubled with each of the *failures* in a row, and at most *cap*.

    This is "full jitter" as in "Exponential Backoff And Jitter" of the AWS Architecture Blog; never below a second.
    """
    return max(1.0, rng.uniform(0.0, min(cap, base * 2.0 ** min(failures, 30))))


def add_jitter(seconds: float, rng: random.Random = _JITTER_RANDOM) -> float:
    """Return *seconds* plus or minus a fifth, so that many kiosks do not call at the same time."""
    return seconds * rng.uniform(0.8, 1.2)
