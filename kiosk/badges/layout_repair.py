"""
Repairs badges that a scanner typed with the wrong keyboard layout or with CapsLock on, if their content proves it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from data.language import _
from kiosk.badges.badge import Badge, RefusedPayload, ScannedCode
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.event_badge import read_event_badge
from kiosk.badges.keyboard_layouts import LAYOUT_PAIRS, LayoutPair
from kiosk.badges.signed_ticket import read_ticket_seed
from kiosk.badges.stored_id import is_entry_secret

# The shortest and the longest ID that is repaired; fewer characters may mean anything.
_MIN_ID_CHARACTERS = 4

_MAX_ID_CHARACTERS = 120

# How much of a payload is searched for proofs, which come early.
_MAX_PROOF_CHARACTERS = 1000

# How much of a payload is searched for the beginning of its format, which comes first.
_MAX_PREFIX_CHARACTERS = 60

# Patterns by which a payload identifies its own format.
_PROOFS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\A.{0,16}BEGIN:V(?:CARD|EVENT|CALENDAR)",
        r"END:V(?:CARD|EVENT|CALENDAR)\s*\Z",
        r"\A.{0,4}(?:MECARD|BIZCARD):[A-Z]{1,3}:",
        r"\A.{0,4}MATMSG:TO:",
        r"\A.{0,4}WIFI:[TSPHR]:",
        r"\A.{0,4}otpauth(?:-migration)?://",
        r"\A.{0,4}HC1:[0-9A-Z $%*+./:-]{20}",
        r"\A.{0,4}shc:/\d{20}",
        r"\A.{0,4}(?:mailto|smsto|sms|tel):\+?[\w.]{4}",
        r"https?://[\w-]+(?:\.[\w-]+)+",
        r'\A.{0,4}\{\s*"[\w-]{1,40}"\s*:',
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        r"TYPE=\"?(?:WORK|HOME|CELL|INTERNET|PREF|VOICE|POSTAL)",
        r"VERSION:[234]\.\d",
    )
)

# Possible lengths of signed tickets.
_TICKET_CHARACTERS = range(60, 600)

_STRIPPED_CHARACTERS = "".join(map(chr, range(33)))

_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

# How payloads begin that were certainly not typed with CapsLock on.
_NOT_CAPSLOCK = re.compile(r".{0,16}?(?:[A-Z]{5,}:|https?://)")

_WORD = re.compile(r"[^\W\d_]{3,}")

# How the payloads begin that the patterns of `_PROOFS` recognise.
_FORMAT_PREFIXES = (
    *("BEGIN:V", "MECARD:", "BIZCARD:", "MATMSG:", "WIFI:", "otpauth://", "otpauth-migration://", "HC1:", "shc:/"),
    *("mailto:", "smsto:", "tel:", "http://", "https://", '{"', "VERSION:"),
)

# How each layout types the beginnings of formats. Searching for these is faster than translating the whole text through
# each layout.
_TYPED_PREFIXES = [
    (layout, [typed for word in _FORMAT_PREFIXES if (typed := layout.simulate_typing(word).lower()) != word.lower()])
    for layout in LAYOUT_PAIRS
]

# How each layout types `@`, `-`, and the end of a signed ticket, for the same reason.
_TYPED_SIGNS = [
    (layout, layout.simulate_typing("@"), layout.simulate_typing("-"), layout.simulate_typing("QA"))
    for layout in LAYOUT_PAIRS
]

_TYPED_EMAIL = re.compile(r"(?<=[\w.+-])([^\w\s.,;:@-])(?=[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2})")
_TYPED_UUID = re.compile(
    r"\b[0-9a-f]{8}([^-0-9a-z\s])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _RepairedText:
    """A payload as the scanner meant it."""

    text: str
    layout: LayoutPair | None
    """The pair of layouts that differ; None if only CapsLock is on."""
    has_capslock: bool = False

    @property
    def message(self) -> str:
        """What staff can do about it."""
        if self.layout is None:
            return _("CapsLock is on. Press it once, so that names are spelled as on the badge.")
        return _(
            "The scanner is set to a {scanner} keyboard and this computer to a {computer} one. Set both to the same, "
            "or letters and signs on some badges will be wrong."
        ).format(scanner=_(self.layout.scanner), computer=_(self.layout.computer))


def repair_text(text: str) -> _RepairedText | None:
    """Return what a scanner meant by *text* if its content proves a wrong layout or CapsLock; None if it does not."""
    start = text[:_MAX_PROOF_CHARACTERS]
    found: list[tuple[tuple[int, int, int, int], _RepairedText]] = []
    for layout, capslock in product(_find_candidates(start), (False, True)):
        typed = _swap_case(text) if capslock else text
        intended = layout.restore_text(typed)
        rank = (
            *_count_proofs(intended[:_MAX_PROOF_CHARACTERS]),
            -layout.count_untypeable(typed[:_MAX_PROOF_CHARACTERS]),
            -capslock,
        )
        found.append((rank, _RepairedText(intended, layout, capslock)))
    # Best is what identifies itself most often; then what has fewest characters that the computer's keyboard does not
    # have; then what needs no CapsLock.
    proven = _count_proofs(start) if found else (0, 0)
    best = max((rank for rank, _ in found), default=(0, 0, 0, 0))
    if best[:2] > proven:
        winners = [repaired for rank, repaired in found if rank == best]
        # An e-mail address alone does not tell two layouts apart, so all candidates have to agree on it.
        if best[0] > proven[0] or len({tuple(_EMAIL.findall(repaired.text)) for repaired in winners}) == 1:
            return _undo_capslock(winners[0])
    repaired = _undo_capslock(_RepairedText(text, None))
    return repaired if repaired.has_capslock else None


def _undo_capslock(repaired: _RepairedText) -> _RepairedText:
    """Return *repaired* with the case of its letters swapped, if its words prove that CapsLock is on."""
    if not repaired.has_capslock and _has_swapped_case(repaired.text[:_MAX_PROOF_CHARACTERS]):
        return _RepairedText(_swap_case(repaired.text), repaired.layout, has_capslock=True)
    return repaired


def _find_candidates(text: str) -> list[LayoutPair]:
    """Return the layouts through which *text* may identify itself."""
    head = text[:_MAX_PREFIX_CHARACTERS].lower()
    found = [layout for layout, words in _TYPED_PREFIXES if any(word in head for word in words)]
    if found:
        return found
    signs = {match[1] for pattern in (_TYPED_EMAIL, _TYPED_UUID) for match in pattern.finditer(text)}
    is_ticket = len(text) in _TICKET_CHARACTERS and " " not in text
    return [
        layout
        for layout, at, dash, end in _TYPED_SIGNS
        if at in signs or dash in signs or (is_ticket and text.endswith(end) and end + at != "QA@")
    ]


class LayoutMemory:
    """
    Repairs what one scanner types. Once a badge has proven its layout, IDs that cannot prove it are repaired alike.
    """

    def __init__(self) -> None:
        self.proven_repair: _RepairedText | None = None

    def repair_scan(self, typed: str) -> tuple[str, str]:
        """Return what the scanner meant by *typed*, and a sentence for staff about its layout; empty if all is well."""
        stripped = typed.strip(_STRIPPED_CHARACTERS)
        if repaired := repair_text(stripped):
            self.proven_repair = repaired
            return repaired.text, repaired.message
        if any(_count_proofs(stripped[:_MAX_PROOF_CHARACTERS])):
            self.proven_repair = None  # somebody has corrected the layout
        if self.proven_repair is None:
            return typed, ""
        text = _swap_case(stripped) if self.proven_repair.has_capslock else stripped
        return (
            self.proven_repair.layout.restore_text(text) if self.proven_repair.layout else text
        ), self.proven_repair.message


def read_typed_id(code: ScannedCode) -> Badge | RefusedPayload | None:
    """
    Read an ID that contains characters no ID has: `àà&è"'` is 001374, `QCß157` is QC-157.

    Returns None if two layouts give two IDs. Whatever is an entry secret in some layout is stored as its hash only.
    """
    text = code.text
    if not _MIN_ID_CHARACTERS <= len(text) <= _MAX_ID_CHARACTERS:
        return None
    intended = {
        candidate for candidate in _iterate_typed_ids(text) if read_bare_id(replace(code, text=candidate)) is not None
    }
    secrets = sorted(candidate for candidate in intended if is_entry_secret(candidate))
    digits = {candidate for candidate in intended if candidate.isdecimal()}
    intended = digits if len(digits) == 1 else intended
    if len(intended) != 1 and not secrets:
        return None
    found = secrets[0] if secrets else intended.pop()
    # Not even the garbled form of a secret may be stored, because it can be translated back.
    meant_code = replace(code, text=found, payload=found.encode())
    return read_event_badge(meant_code) or read_bare_id(meant_code)


def _iterate_typed_ids(text: str) -> Iterator[str]:
    """Yield what *text* may mean; for ASCII text, which may be any punctuation, only entry secrets."""
    for layout in LAYOUT_PAIRS:
        if not layout.count_untypeable(text):
            candidate = layout.restore_text(text)
            if candidate.isascii() and (not text.isascii() or is_entry_secret(candidate)):
                yield candidate


def _count_proofs(text: str) -> tuple[int, int]:
    """
    Return how much of *text* identifies itself: the number of formats and signed tickets, and of e-mail addresses.
    """
    formats = sum(proof.search(text) is not None for proof in _PROOFS)
    return formats + (read_ticket_seed(text) != ""), len(_EMAIL.findall(text))


def _swap_case(text: str) -> str:
    """Return *text* as it was before CapsLock."""
    return "".join(swapped if len(swapped := character.swapcase()) == 1 else character for character in text)


def _has_swapped_case(text: str) -> bool:
    """Return whether words begin with a small letter and continue in capitals, and none is mixed in another way."""
    if _NOT_CAPSLOCK.match(text):
        return False
    mixed = [word for word in _WORD.findall(text) if not word.islower() and not word.isupper()]
    is_swapped = all(word[0].islower() and word[1:].isupper() for word in mixed)
    return bool(mixed) and is_swapped and (len(mixed) > 1 or any(_count_proofs(text)))
