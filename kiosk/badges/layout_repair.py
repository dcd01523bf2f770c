"""
Repairs badges that a scanner typed with the wrong keyboard layout or with Caps Lock on, if their content proves it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from data.language import _
from kiosk.badges.keyboard_layouts import LAYOUT_PAIRS, RARE_PAIRS, LayoutPair
from kiosk.badges.signed_ticket import read_ticket_seed
from kiosk.badges.stored_id import is_entry_secret

# The shortest and the longest e-mail address that is repaired without any other proof.
_MIN_ADDRESS_CHARACTERS = 8

_MAX_ADDRESS_CHARACTERS = 120

_ID_CHARACTERS = re.compile(r"[\w.:/#+=*-]+", re.ASCII)

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
        r"\A.{0,4}MECARD:.{1,300};(?:TEL|EMAIL|ORG|TITLE|TIL|DIV|URL|ADR|NOTE):",
        r"\A.{0,4}MATMSG:TO:",
        r"\A.{0,4}WIFI:[TSPHR]:",
        r"\A.{0,4}otpauth(?:-migration)?://",
        r"\A.{0,4}HC1:[0-9A-Z $%*+./:-]{20}",
        r"\A.{0,4}shc:/\d{20}",
        r"\A.{0,4}(?:mailto|smsto|sms|tel):\+?[\w.]{4}",
        r"https?://[\w-]+(?:\.[\w-]+)+",
        r'\A.{0,4}\{\s*"[\w-]{1,40}"\s*:',
        r'\A.{0,4}\{\s*"[^{}]{1,900}\}\s*\Z',
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        r"TYPE=\"?(?:WORK|HOME|CELL|INTERNET|PREF|VOICE|POSTAL)",
        r"VERSION:[234]\.\d",
    )
)

# Possible lengths of signed tickets.
_TICKET_CHARACTERS = range(60, 600)

_STRIPPED_CHARACTERS = "".join(map(chr, range(33)))

_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

# How payloads begin that were certainly not typed with Caps Lock on.
_NOT_CAPSLOCK = re.compile(r".{0,16}?(?:[A-Z]{5,}:|https?://)")

_WORD = re.compile(r"[^\W\d_]{3,}")

# How the payloads begin that the patterns of `_PROOFS` recognise.
_FORMAT_PREFIXES = (
    *("BEGIN:V", "MECARD:", "BIZCARD:", "MATMSG:", "WIFI:", "otpauth://", "otpauth-migration://", "HC1:", "shc:/"),
    *("mailto:", "smsto:", "tel:", "http://", "https://", '{"', "VERSION:"),
)


def _index_typed_prefixes() -> dict[str, list[tuple[str, LayoutPair]]]:
    """Return how each layout types the beginnings of formats, by their first two characters."""
    index: dict[str, list[tuple[str, LayoutPair]]] = {}
    for layout in (*LAYOUT_PAIRS, *RARE_PAIRS):
        for word in _FORMAT_PREFIXES:
            typed = layout.simulate_typing(word).lower()
            if typed != word.lower():
                index.setdefault(typed[:2], []).append((typed, layout))
    return index


# Searching for these is faster than translating the whole text through each layout.
_TYPED_PREFIXES = _index_typed_prefixes()

# Where a pair stands among all of them: the more common ones come first, because some badges fit several.
_PAIR_ORDER = {layout: number for number, layout in enumerate((*LAYOUT_PAIRS, *RARE_PAIRS))}

# How each layout types `@` and `-`, for the same reason.
_TYPED_SIGNS = [
    (layout, layout.simulate_typing("@"), layout.simulate_typing("-")) for layout in (*LAYOUT_PAIRS, *RARE_PAIRS)
]

# How each layout types the end of a signed ticket.
_TYPED_TICKET_ENDS = [(layout, layout.simulate_typing("QA").lower()) for layout in (*LAYOUT_PAIRS, *RARE_PAIRS)]

_TYPED_EMAIL = re.compile(r"(?<=[\w.+-])([^\w\s.,;:@-])(?=[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2})")
_TYPED_UUID = re.compile(
    r"\b[0-9a-f]{8}([^-0-9a-z\s])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RepairedText:
    """A payload as the scanner meant it."""

    text: str
    layout: LayoutPair | None
    """The pair of layouts that differ; None if only Caps Lock is on."""
    has_capslock: bool = False

    @property
    def message(self) -> str:
        """What staff can do about it."""
        if self.layout is None:
            return _("Caps Lock is on. Press it once, so that names are spelled as on the badge.")
        return _(
            "The scanner is set to a {scanner} keyboard and this computer to a {computer} one. Set both to the same, "
            "or letters and signs on some badges will be wrong."
        ).format(scanner=_(self.layout.scanner), computer=_(self.layout.computer))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a payload may mean."""

    layout: LayoutPair
    altgr_keys: dict[int, str]
    """The ambiguous keys, if they were typed with AltGr."""
    has_capslock: bool
    start: str
    """The beginning of what is meant."""

    def rank_reading(self, typed: str, preferred: LayoutPair | None) -> tuple[int, ...]:
        """
        Return how well this explains *typed*, compared with other layouts by which it identifies itself as often.

        Fewest characters that the computer's keyboard does not have; then words with the right case; then no Caps Lock.
        """
        return (
            -self.layout.count_untypeable(self.layout.undo_capslock(typed) if self.has_capslock else typed),
            -_has_swapped_case(self.start),
            -self.has_capslock,
            self.layout == preferred,
        )

    def restore_payload(self, text: str) -> RepairedText:
        """Return the whole of *text* as the scanner meant it."""
        typed = self.layout.undo_capslock(text) if self.has_capslock else text
        return RepairedText(self.layout.restore_text(typed, self.altgr_keys), self.layout, self.has_capslock)


def repair_text(text: str, preferred: LayoutPair | None = None) -> RepairedText | None:
    """
    Return what a scanner meant by *text* if its content proves a wrong layout or Caps Lock; None if it does not.

    If it fits several layouts, *preferred* is chosen, which the scanner's other badges have proven.
    """
    start = text[:_MAX_PROOF_CHARACTERS]
    readings = [
        _Reading(layout, keys, has_capslock, intended)
        for layout, has_capslock in product(_find_candidates(start), (False, True))
        for keys, intended in _restore_start(start, layout, has_capslock)
    ]
    proofs = [count_proofs(reading.start) for reading in readings]
    proven, best = (count_proofs(start), max(proofs)) if readings else ((0, 0), (0, 0))
    if best > proven:
        proving = [reading for reading, count in zip(readings, proofs, strict=True) if count == best]
        ranks = [reading.rank_reading(start, preferred) for reading in proving]
        winners = [reading for reading, rank in zip(proving, ranks, strict=True) if rank == max(ranks)]
        # An e-mail address alone does not tell two layouts apart, so all candidates have to agree on it.
        if best[0] > proven[0] or len({tuple(_EMAIL.findall(reading.start)) for reading in winners}) == 1:
            return _undo_capslock(winners[0].restore_payload(text))
    if is_ticket_like(text) and is_entry_secret(swap_case(text)):
        return RepairedText(swap_case(text), None, has_capslock=True)
    repaired = _undo_capslock(RepairedText(text, None))
    return repaired if repaired.has_capslock else None


def _restore_start(start: str, layout: LayoutPair, has_capslock: bool) -> Iterator[tuple[dict[int, str], str]]:
    """Yield what *start* may mean, with ambiguous keys as they are without AltGr and as they are with it."""
    typed = layout.undo_capslock(start) if has_capslock else start
    yield {}, layout.restore_text(typed)
    if any(chr(key) in typed for key in layout.ambiguous_keys):
        yield layout.ambiguous_keys, layout.restore_text(typed, layout.ambiguous_keys)


def _undo_capslock(repaired: RepairedText) -> RepairedText:
    """Return *repaired* with the case of its letters swapped, if its words prove that Caps Lock is on."""
    if not repaired.has_capslock and _has_swapped_case(repaired.text[:_MAX_PROOF_CHARACTERS]):
        return RepairedText(swap_case(repaired.text), repaired.layout, has_capslock=True)
    return repaired


def _find_candidates(text: str) -> list[LayoutPair]:
    """Return the layouts through which *text* may identify itself."""
    head = text[:_MAX_PREFIX_CHARACTERS].lower()
    found = {
        layout
        for position in range(len(head))
        for typed, layout in _TYPED_PREFIXES.get(head[position : position + 2], ())
        if head.startswith(typed, position)
    }
    signs = {match[1] for pattern in (_TYPED_EMAIL, _TYPED_UUID) for match in pattern.finditer(text)}
    # An e-mail address alone proves no rare pair, because it fits too many of them.
    pairs = _TYPED_SIGNS if signs and count_proofs(text)[0] else _TYPED_SIGNS[: len(LAYOUT_PAIRS)]
    found |= {layout for layout, at, dash in pairs if at in signs or dash in signs}
    if found:
        return sorted(found, key=_PAIR_ORDER.__getitem__)
    if is_ticket_like(text):
        return [layout for layout, end in _TYPED_TICKET_ENDS if text.lower().endswith(end) and _is_ticket(text, layout)]
    return _find_address_layouts(text)


def is_ticket_like(text: str) -> bool:
    """Return whether *text* has the length of a signed ticket, and no spaces."""
    return len(text) in _TICKET_CHARACTERS and " " not in text


def _is_ticket(text: str, layout: LayoutPair) -> bool:
    """Return whether *text* is a signed ticket through *layout*, with Caps Lock or without it."""
    return any(read_ticket_seed(layout.restore_text(typed)) for typed in (text, layout.undo_capslock(text)))


def _find_address_layouts(text: str) -> list[LayoutPair]:
    """Return the layouts that make *text*, which cannot be an ID, into an e-mail address and nothing else."""
    if (
        not _MIN_ADDRESS_CHARACTERS <= len(text) <= _MAX_ADDRESS_CHARACTERS
        or " " in text
        or _ID_CHARACTERS.fullmatch(text)
    ):
        return []
    return [layout for layout in LAYOUT_PAIRS if _EMAIL.fullmatch(layout.restore_text(text))]


def keep_alt_key(text: str) -> str:
    """Return *text* without control characters around it, except for a leading Alt key, which a `{` may begin with."""
    stripped = text.strip(_STRIPPED_CHARACTERS)
    return f"\x1b{stripped}" if stripped and f"\x1b{stripped[0]}" in text[: text.find(stripped) + 1] else stripped


def count_proofs(text: str) -> tuple[int, int]:
    """
    Return how much of *text* identifies itself: the number of formats and signed tickets, and of e-mail addresses.
    """
    formats = sum(proof.search(text) is not None for proof in _PROOFS)
    return formats + (read_ticket_seed(text) != ""), len(_EMAIL.findall(text))


def swap_case(text: str) -> str:
    """Return *text* as it was before Caps Lock."""
    return "".join(swapped if len(swapped := character.swapcase()) == 1 else character for character in text)


def _has_swapped_case(text: str) -> bool:
    """Return whether words begin with a small letter and continue in capitals, and none is mixed in another way."""
    if _NOT_CAPSLOCK.match(text):
        return False
    mixed = [word for word in _WORD.findall(text) if not word.islower() and not word.isupper()]
    is_swapped = all(word[0].islower() and word[1:].isupper() for word in mixed)
    return bool(mixed) and is_swapped and (len(mixed) > 1 or any(count_proofs(text)))
