"""Badges that a scanner typed on a keyboard of another layout, or with CapsLock: mended where the content proves it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from kiosk.badges.badge import Badge, RefusedPayload, ScannedCode
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.event_badge import read_event_badge
from kiosk.badges.keyboard_layouts import LAYOUT_PAIRS, LayoutPair
from kiosk.badges.signed_ticket import read_ticket_seed
from kiosk.badges.stored_id import is_entry_secret

_MIN_ID_CHARACTERS = 4
"""Length of an id that can be mended: fewer characters may be anything."""

_MAX_ID_CHARACTERS = 120

_MAX_PROOF_CHARACTERS = 1000
_MAX_PREFIX_CHARACTERS = 60
"""How much of a payload is looked at: it says early what it is, and earlier which format it has."""

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
"""What a payload says of its own format."""

_TICKET_CHARACTERS = range(60, 600)
"""Lengths of signed tickets."""

_STRIPPED_CHARACTERS = "".join(map(chr, range(33)))

_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_NOT_CAPSLOCK = re.compile(r".{0,16}?(?:[A-Z]{5,}:|https?://)")
"""How payloads begin that nobody typed with CapsLock."""

_WORD = re.compile(r"[^\W\d_]{3,}")


_FORMAT_PREFIXES = (
    *("BEGIN:V", "MECARD:", "BIZCARD:", "MATMSG:", "WIFI:", "otpauth://", "otpauth-migration://", "HC1:", "shc:/"),
    *("mailto:", "smsto:", "tel:", "http://", "https://", '{"', "VERSION:"),
)
_TYPED_PREFIXES = [
    (layout, [typed for word in _FORMAT_PREFIXES if (typed := layout.simulate_typing(word).lower()) != word.lower()])
    for layout in LAYOUT_PAIRS
]
_TYPED_SIGNS = [
    (layout, layout.simulate_typing("@"), layout.simulate_typing("-"), layout.simulate_typing("QA"))
    for layout in LAYOUT_PAIRS
]
"""A look for these is quicker than reading the whole through each layout."""

_TYPED_EMAIL = re.compile(r"(?<=[\w.+-])([^\w\s.,;:@-])(?=[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2})")
_TYPED_UUID = re.compile(
    r"\b[0-9a-f]{8}([^-0-9a-z\s])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _RepairedText:
    """A payload as the scanner meant it."""

    text: str
    layout: LayoutPair | None
    """The layouts that differ; None where only CapsLock is on."""
    has_capslock: bool = False

    @property
    def message(self) -> str:
        """What staff can do about it."""
        if self.layout is None:
            return "CapsLock is on: press it once, so that names are spelt as on the badge."
        return (
            f"The scanner types for a {self.layout.scanner} keyboard, and this computer has a {self.layout.computer} "
            "one: set both to the same, or letters and signs of some badges will be wrong."
        )


def repair_text(text: str) -> _RepairedText | None:
    """What a scanner meant by *text*, where its content proves a wrong layout or CapsLock; None where it does not."""
    start = text[:_MAX_PROOF_CHARACTERS]
    found: list[tuple[tuple[int, int, int, int], _RepairedText]] = []
    for layout, capslock in product(_find_candidates(start), (False, True)):
        typed = _swap_case(text) if capslock else text
        meant = layout.restore_text(typed)
        rank = (
            *_count_proofs(meant[:_MAX_PROOF_CHARACTERS]),
            -layout.count_untypeable(typed[:_MAX_PROOF_CHARACTERS]),
            -capslock,
        )
        found.append((rank, _RepairedText(meant, layout, capslock)))
    proven = _count_proofs(start) if found else (0, 0)
    best = max((rank for rank, _ in found), default=(0, 0, 0, 0))
    if best[:2] > proven:
        winners = [mended for rank, mended in found if rank == best]
        # An address alone does not say which of two layouts it is, so all of them have to agree on it.
        if best[0] > proven[0] or len({tuple(_EMAIL.findall(mended.text)) for mended in winners}) == 1:
            return _undo_capslock(winners[0])
    mended = _undo_capslock(_RepairedText(text, None))
    return mended if mended.has_capslock else None


def _undo_capslock(mended: _RepairedText) -> _RepairedText:
    """*mended* with the case of its letters swapped, where the words prove that CapsLock is on."""
    if not mended.has_capslock and _has_swapped_case(mended.text[:_MAX_PROOF_CHARACTERS]):
        return _RepairedText(_swap_case(mended.text), mended.layout, has_capslock=True)
    return mended


def _find_candidates(text: str) -> list[LayoutPair]:
    """The layouts through which *text* may say what it is."""
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
    """Reads what one scanner types: once a badge has proven its layout, ids that say nothing of it are read so, too."""

    def __init__(self) -> None:
        self.proven_repair: _RepairedText | None = None

    def repair_scan(self, typed: str) -> tuple[str, str]:
        """What the scanner meant by *typed*, and what staff should know of its layout; empty where all is well."""
        stripped = typed.strip(_STRIPPED_CHARACTERS)
        if mended := repair_text(stripped):
            self.proven_repair = mended
            return mended.text, mended.message
        if any(_count_proofs(stripped[:_MAX_PROOF_CHARACTERS])):
            self.proven_repair = None  # the layout was set right
        if self.proven_repair is None:
            return typed, ""
        text = _swap_case(stripped) if self.proven_repair.has_capslock else stripped
        return (
            self.proven_repair.layout.restore_text(text) if self.proven_repair.layout else text
        ), self.proven_repair.message


def read_typed_id(code: ScannedCode) -> Badge | RefusedPayload | None:
    """
    An id with signs that no id has: `àà&è"'` is 001374, `QCß157` is QC-157. None where two layouts make two ids of it.

    What is an entry secret by any layout is kept as its hash alone.
    """
    text = code.text
    if not _MIN_ID_CHARACTERS <= len(text) <= _MAX_ID_CHARACTERS:
        return None
    meant = {
        candidate for candidate in _iterate_typed_ids(text) if read_bare_id(replace(code, text=candidate)) is not None
    }
    secrets = sorted(candidate for candidate in meant if is_entry_secret(candidate))
    digits = {candidate for candidate in meant if candidate.isdecimal()}
    meant = digits if len(digits) == 1 else meant
    if len(meant) != 1 and not secrets:
        return None
    found = secrets[0] if secrets else meant.pop()
    # Of a secret not even its mangled form may be kept: it can be turned back.
    meant_code = replace(code, text=found, payload=found.encode())
    return read_event_badge(meant_code) or read_bare_id(meant_code)


def _iterate_typed_ids(text: str) -> Iterator[str]:
    """Yield what *text* may mean: where it is ASCII only what is a secret, as it may be any punctuation."""
    for layout in LAYOUT_PAIRS:
        if not layout.count_untypeable(text):
            candidate = layout.restore_text(text)
            if candidate.isascii() and (not text.isascii() or is_entry_secret(candidate)):
                yield candidate


def _count_proofs(text: str) -> tuple[int, int]:
    """How much in *text* says of itself what it is: formats and signed tickets, and e-mail addresses."""
    formats = sum(proof.search(text) is not None for proof in _PROOFS)
    return formats + (read_ticket_seed(text) != ""), len(_EMAIL.findall(text))


def _swap_case(text: str) -> str:
    """*text* without CapsLock."""
    return "".join(swapped if len(swapped := character.swapcase()) == 1 else character for character in text)


def _has_swapped_case(text: str) -> bool:
    """Whether words begin small and go on in capitals, and no word is spelt in another mixed way."""
    if _NOT_CAPSLOCK.match(text):
        return False
    mixed = [word for word in _WORD.findall(text) if not word.islower() and not word.isupper()]
    is_swapped = all(word[0].islower() and word[1:].isupper() for word in mixed)
    return bool(mixed) and is_swapped and (len(mixed) > 1 or any(_count_proofs(text)))
