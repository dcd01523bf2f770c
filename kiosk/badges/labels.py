"""Labelled lines, or parts of one line: `Name: Ana Lopez`, `Firma: ACME`, `メール：ana@example.org`."""

import re

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.field_names import FIELD_BY_KEY, ID_KEYS, SECRET_KEYS, fold_key, is_person_id
from kiosk.badges.person_fields import collect_fields, has_person
from kiosk.badges.redaction import hide_secrets_in_bytes
from kiosk.badges.stored_id import find_secrets, hash_secret, is_entry_secret, to_stored_id
from kiosk.badges.text import clean_text, make_contact

_LABELLED = re.compile(
    r"\s*[\"'*•-]{0,3}\s{0,2}([^\W\d_][\w .'’/()-]{0,40}?)\s{0,3}(?:[:：=]|\t| - )\s*(.*)", re.DOTALL
)

_NEXT_LABEL = r"(?=\s{0,3}[^\W\d_][\w '-]{1,25}[:：=])"

# What separates the parts: a line break, or a mark before the next label.
_BETWEEN = re.compile(rf"[\r\n;|\x0b\x1d\x1e]+|,{_NEXT_LABEL}|(?<!\s)\s{{2,4}}{_NEXT_LABEL}")

_OWN_FORMAT = re.compile(r"begin\s*:|mecard:|\w{2,20}://|[{\[<]|[\w+.-]{2,12}:\S{30}", re.IGNORECASE)

_MAX_PARTS = 60


def split_label(line: str) -> tuple[str, str] | None:
    """Split *line* into its label and its text; None if it has no label."""
    found = _LABELLED.fullmatch(line)
    return (found[1].strip(), found[2].strip()) if found else None


def _is_known_label(label: str) -> bool:
    """Return whether *label* names a contact field, an ID or a secret."""
    key = fold_key(label)
    return key in FIELD_BY_KEY or key in ID_KEYS or key in SECRET_KEYS


def read_labels(code: ScannedCode) -> Badge | None:
    """Read a badge of labelled lines; text under the organiser's own labels becomes an answer."""
    if _OWN_FORMAT.match(code.text):
        return None
    parts = [part.strip() for part in _BETWEEN.split(code.text, _MAX_PARTS) if part.strip()]
    labelled = [(split_label(part), part) for part in parts]
    pairs = [pair for pair, _ in labelled if pair and pair[1]]
    public = [
        (label, text) for label, text in pairs if fold_key(label) not in SECRET_KEYS and not is_entry_secret(text)
    ]
    values = collect_fields(public)
    if not any(_is_known_label(label) for label, _ in pairs) or not has_person(values):
        return None
    secrets = [text for label, text in pairs if fold_key(label) in SECRET_KEYS or is_entry_secret(text)]
    badge_id = _find_id(public) or (hash_secret(secrets[0]) if secrets else "")
    answers = {
        clean_text(label, 60): clean_text(text)
        for label, text in public
        if not _is_known_label(label) and clean_text(text) and not find_secrets(text)
    }
    keep = hide_secrets_in_bytes(code.payload, secrets) if secrets else None
    unread = tuple(clean_text(part, len(part)) for pair, part in labelled if not pair and not find_secrets(part))
    return Badge("labels", make_contact(values), badge_id, answers, keep, unread)


def _find_id(pairs: list[tuple[str, str]]) -> str:
    """
    Return the ID under the best label; under a generic one (`Badge: Visitor`) only if it contains a digit.
    """
    values = {fold_key(label): text for label, text in reversed(pairs)}
    raw = next((values[key] for key in ID_KEYS if is_person_id(key, values.get(key, ""))), "")
    return to_stored_id(raw) if raw else ""
