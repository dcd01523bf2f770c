"""Checks that several tables of kiosk.toml share; each raises ValueError with the key in front."""

from collections.abc import Iterable, Sequence

from data.language import _

# The longest period of a rate limit: longer ones are not credible, and would delay leads by hours.
_MAX_RATE_SECONDS = 3600


def check_range(key: str, value: float, lowest: float, highest: float) -> None:
    """Raise ValueError unless *value* is from *lowest* to *highest*."""
    if not lowest <= value <= highest:
        sentence = _("{key}: must be from {lowest} to {highest}.")
        raise ValueError(sentence.format(key=key, lowest=lowest, highest=highest))


def check_rate(table: str, max_calls: int, per_seconds: float) -> None:
    """Raise ValueError unless *max_calls* (0 for no limit) in *per_seconds* make a rate limit."""
    if max_calls < 0 or not 0 < per_seconds <= _MAX_RATE_SECONDS:
        sentence = _("{key}: must be 0 or more, and per_seconds from 0 to {highest}.")
        raise ValueError(sentence.format(key=f"{table}.max_calls", highest=_MAX_RATE_SECONDS))


def check_known_fields(key: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Raise ValueError unless all *names* are fields of a lead."""
    if unknown := [name for name in names if name not in known]:
        sentence = _("{key}: there is no lead field {name}. The fields are: {known}.")
        raise ValueError(sentence.format(key=key, name=repr(unknown[0]), known=", ".join(known)))
