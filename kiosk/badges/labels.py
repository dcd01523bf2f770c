"""Lines, or parts of one line, that say what they hold: `Name: Ana Lopez`, `Firma: ACME`, `メール：ana@example.org`."""

import re

from kiosk.badges.badge import Badge, Code
from kiosk.badges.hidden import hide_in_bytes
from kiosk.badges.json_keys import IDS, KEYS, SECRETS, folded, is_id
from kiosk.badges.person_pairs import says_who, values_in
from kiosk.badges.stored_id import hashed, is_secret, secrets_in, stored_id
from kiosk.badges.text import clean, contact_of

_LABELLED = re.compile(
    r"\s*[\"'*•-]{0,3}\s{0,2}([^\W\d_][\w .'’/()-]{0,40}?)\s{0,3}(?:[:：=]|\t| - )\s*(.*)", re.DOTALL
)

_NEXT_LABEL = r"(?=\s{0,3}[^\W\d_][\w '-]{1,25}[:：=])"

_BETWEEN = re.compile(rf"[\r\n;|\x0b\x1d\x1e]+|,{_NEXT_LABEL}|(?<!\s)\s{{2,4}}{_NEXT_LABEL}")
"""What divides the parts: a line break, or a mark in front of the next label."""

_OWN_FORMAT = re.compile(r"begin\s*:|mecard:|\w{2,20}://|[{\[<]|[\w+.-]{2,12}:\S{30}", re.IGNORECASE)

MAX_PARTS = 60


def label_of(line: str) -> tuple[str, str] | None:
    """The label of *line* and what it holds; None where it has none."""
    found = _LABELLED.fullmatch(line)
    return (found[1].strip(), found[2].strip()) if found else None


def is_known_label(label: str) -> bool:
    """Whether *label* names a field of a contact, or an id."""
    key = folded(label)
    return key in KEYS or key in IDS or key in SECRETS


def read_labels(code: Code) -> Badge | None:
    """A badge whose lines say what they hold; what is under labels of the organiser's own is an answer."""
    if _OWN_FORMAT.match(code.text):
        return None
    parts = [part.strip() for part in _BETWEEN.split(code.text, MAX_PARTS) if part.strip()]
    labelled = [(label_of(part), part) for part in parts]
    pairs = [pair for pair, _ in labelled if pair and pair[1]]
    public = [(label, text) for label, text in pairs if folded(label) not in SECRETS and not is_secret(text)]
    values = values_in(public)
    if not any(is_known_label(label) for label, _ in pairs) or not says_who(values):
        return None
    secrets = [text for label, text in pairs if folded(label) in SECRETS or is_secret(text)]
    badge_id = _id_in(public) or (hashed(secrets[0]) if secrets else "")
    answers = {
        clean(label, 60): clean(text)
        for label, text in public
        if not is_known_label(label) and clean(text) and not secrets_in(text)
    }
    keep = hide_in_bytes(code.payload, secrets) if secrets else None
    unread = tuple(clean(part, len(part)) for pair, part in labelled if not pair and not secrets_in(part))
    return Badge("labels", contact_of(values), badge_id, answers, keep, unread)


def _id_in(pairs: list[tuple[str, str]]) -> str:
    """The id under the best label for one; a plain one (`Badge: Visitor`) only where it has a digit."""
    values = {folded(label): text for label, text in reversed(pairs)}
    raw = next((values[key] for key in IDS if is_id(key, values.get(key, ""))), "")
    return stored_id(raw) if raw else ""
