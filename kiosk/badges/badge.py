"""What a badge reader receives and returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from data.contact import Contact
from kiosk.badges.profile import BadgeProfile


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A payload to be read."""

    payload: bytes
    """The bytes exactly as encoded in the code."""
    text: str
    """The same as text, without surrounding white space."""
    profile: BadgeProfile


# Formats that are guessed, or whose whole payload is the ID. A new format is not one of them unless it is added here.
_KINDS_LIKE_IDS = frozenset(
    ("test", "event", "link", "ticket", "labels", "delimited", "email", "phone", "id", "unknown")
)


@dataclass(frozen=True, slots=True)
class Badge:
    """A payload that was understood: a person, or an ID that stands for one."""

    kind: str
    """The name of the format, such as `vcard`, in lower case; `unknown` if no reader understood the payload."""
    contact: Contact = field(default_factory=Contact)
    badge_id: str = ""
    """The ID as the attendee list stores it; see `to_stored_id`."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Whatever else the badge says, by the badge's own name for it."""
    stored_payload: bytes | None = None
    """What to store instead of a payload that contains an entry secret; None if the payload itself may be stored."""
    unread: tuple[str, ...] = ()
    """
    Parts of the payload that no reader understood, in order, each on one line and without secrets; empty if
    everything was.

    Not stored: `read_badge` computes it again from the payload of the scan.
    """

    @property
    def can_be_id(self) -> bool:
        """Whether the whole payload may be just an ID. False if its format identifies itself, as a vCard does."""
        return self.kind in _KINDS_LIKE_IDS


@dataclass(frozen=True, slots=True)
class RefusedPayload:
    """A payload that must not be stored because it is somebody's secret; only its hash may be kept."""

    kind: str
    message: str
    """One sentence for staff."""


# What a reader returns; None if the payload is not in its format.
_BadgeReading: TypeAlias = Badge | RefusedPayload | None

BadgeReader: TypeAlias = Callable[[ScannedCode], _BadgeReading]
"""Reads one kind of badge. It is a pure function, and raises for no payload."""
