"""What a reader is given, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from data.contact import Contact
from kiosk.badges.profile import BadgeProfile


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A payload to be understood."""

    payload: bytes
    """The bytes, just as the code holds them."""
    text: str
    """The same as text, without the space around it."""
    profile: BadgeProfile


@dataclass(frozen=True, slots=True)
class Badge:
    """A payload understood: who it is, or an id that stands for someone."""

    kind: str
    """
    `test`, `event`, `vcard`, `mecard`, `json`, `link`, `ticket`, `labels`, `delimited`, `email`, `phone`, `id`,
    `unknown`.
    """
    contact: Contact = field(default_factory=Contact)
    badge_id: str = ""
    """The id in the form in which the attendee list keeps it; see `stored_id`."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What else the badge says, by the name that it gives it."""
    stored_payload: bytes | None = None
    """What to keep in place of a payload that holds an entry secret; None is "the payload as it is"."""
    unread: tuple[str, ...] = ()
    """
    Parts of the payload that no reader understood, in order, each on one line and without secrets; empty when all of
    it was understood. Nothing stores this: `read_badge` computes it again from the payload of the scan.
    """


@dataclass(frozen=True, slots=True)
class RefusedPayload:
    """A payload that is nobody's business; only its hash may be kept."""

    kind: str
    message: str
    """One sentence for staff."""


_BadgeReading: TypeAlias = Badge | RefusedPayload | None
"""What a reader answers; None is "not mine"."""

BadgeReader: TypeAlias = Callable[[ScannedCode], _BadgeReading]
"""Understands one kind of badge. It is pure and total: it raises for no payload."""
