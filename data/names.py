"""A person's full, first and last name, kept so that they never contradict each other."""

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeAlias

Name: TypeAlias = tuple[str, str, str]
"""The full name, the first name (or names) and the last name; an empty string means "unknown"."""

NAME_FIELDS = ("name", "first_name", "last_name")

_PUNCTUATION = re.compile(r"[\W_]+")


def update_name(name: Name, changes: Mapping[str, str]) -> Name:
    """
    Return *name* after an edit of some of its fields, with the others following.

    A new first or last name replaces the old one in the full name; a new full name is divided as the old one was. If no
    parts were known, none are made up: there is no reliable way to tell where a full name divides. If both were edited
    and contradict each other, the parts win and the full name is rebuilt.
    """
    full, first, last = (changes.get(field, before) for field, before in zip(NAME_FIELDS, name, strict=True))
    is_full_changed, is_part_changed = full != name[0], (first, last) != name[1:]
    if is_full_changed and not is_part_changed:
        return (full, *_split_name(full, name)) if first or last else (full, "", "")
    if is_part_changed and not is_full_changed and name[0]:
        return _replace_parts(name, first, last), first, last
    if (full, first, last) == name or is_consistent_name(full, first, last):
        return full, first, last
    return _join_parts(first, last, name), first, last


def fill_name(name: Name, other: Name) -> Name:
    """Fill the empty fields of *name* from *other*, unless they contradict it."""
    found = tuple(mine or theirs for mine, theirs in zip(name, other, strict=True))
    full, first, last = found
    return (full, first, last) if not any(name) or is_consistent_name(full, first, last) else name


def complete_name_parts(name: Name) -> tuple[str, str]:
    """Return the first and the last name; if only one of them is known, the other is the rest of the full name."""
    full, first, last = name
    if first and not last and full.startswith(f"{first} "):
        return first, full.removeprefix(first).strip()
    if last and not first and full.endswith(f" {last}"):
        return full.removesuffix(last).strip(), last
    return first, last


def is_consistent_name(full: str, first: str, last: str) -> bool:
    """Return whether a full name and its parts agree: one side has no word that the other lacks."""
    mine, parts = _split_words(full), _split_words(f"{first} {last}")
    return (
        not mine
        or not parts
        or mine <= parts
        or parts <= mine
        or _normalize_text(full) == _normalize_text(last + first)
    )


def _split_name(full: str, before: Name) -> tuple[str, str]:
    """Divide a new *full* name as the name *before* was divided."""
    _, first, last = before
    words = full.split()
    if first and last:
        if full.endswith(f" {last}"):
            return full.removesuffix(last).strip(), last
        if full.startswith(f"{first} "):
            return first, full.removeprefix(first).strip()
    # The new last name gets as many words as the old one had, but leaves one for the first name.
    word_count = min(len((last or first).split()) or 1, max(1, len(words) - 1))
    if _is_family_first(before):
        if full.startswith(f"{last} "):
            return full.removeprefix(last).strip(), last
        return " ".join(words[word_count:]), " ".join(words[:word_count])
    if len(words) < 2 or not last:
        return (full, "") if first else ("", full)
    return " ".join(words[:-word_count]), " ".join(words[-word_count:])


def _replace_parts(before: Name, first: str, last: str) -> str:
    """Replace first and last name in the full name *before*."""
    full = before[0]
    old_first, old_last = before[1:]
    is_found = all(old in full for old in (old_first, old_last) if old)
    if is_found and bool(old_first) == bool(first) and bool(old_last) == bool(last):
        # In place, so that middle names and titles stay: "Dr Ana M. Lopez" becomes "Dr Anna M. Lopez". The last name is
        # searched for from the end, because the first may contain it.
        at = full.rfind(old_last) if old_last and not _is_family_first(before) else -1
        if at >= 0:
            full = full[:at].replace(old_first, first, 1) + last + full[at + len(old_last) :]
        else:
            full = full.replace(old_first, first, 1) if not old_last else _join_parts(first, last, before)
        if is_consistent_name(full, first, last):
            return full
    return _join_parts(first, last, before)


def _join_parts(first: str, last: str, before: Name) -> str:
    """Join two parts to a full name, in the order of the name *before*."""
    if _is_family_first(before) and first and last:
        gap = "" if before[0] == before[2] + before[1] else " "
        return f"{last}{gap}{first}"
    return " ".join(part for part in (first, last) if part)


def _is_family_first(name: Name) -> bool:
    """Return whether the last name comes first, as in Chinese, Japanese, Korean and Hungarian."""
    full, first, last = name
    return bool(first and last) and _normalize_text(full) == _normalize_text(last + first) != _normalize_text(
        first + last
    )


def _normalize_text(text: str) -> str:
    """Return *text* without capitals, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _PUNCTUATION.sub("", "".join(c for c in plain if not unicodedata.combining(c)))


def _split_words(text: str) -> set[str]:
    """Return the normalised words of *text*."""
    return {flat for word in text.split() if (flat := _normalize_text(word))}
