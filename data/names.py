"""A person's full, first and last name, kept so that they never contradict each other."""

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeAlias

Name: TypeAlias = tuple[str, str, str]
"""The full name, the first name (or names) and the last name; an empty string means "not known"."""

NAME_FIELDS = ("name", "first_name", "last_name")

_PUNCTUATION = re.compile(r"[\W_]+")


def update_name(name: Name, changes: Mapping[str, str]) -> Name:
    """
    Return *name* after an edit of some of its fields, with the others following.

    A new first or last name replaces the old one in the full name; a new full name is divided as the old one was. If no
    parts were known, none are made up: there is no reliable way to tell where a full name divides.
    """
    whole, first, last = (changes.get(field, before) for field, before in zip(NAME_FIELDS, name, strict=True))
    is_whole_changed, is_part_changed = whole != name[0], (first, last) != name[1:]
    if is_whole_changed and not is_part_changed:
        return (whole, *_split_name(whole, name)) if first or last else (whole, "", "")
    if is_part_changed and not is_whole_changed and name[0]:
        return _replace_parts(name, first, last), first, last
    if (whole, first, last) == name or is_consistent_name(whole, first, last):
        return whole, first, last
    return _join_parts(first, last, name), first, last


def fill_name(name: Name, other: Name) -> Name:
    """Fill the empty fields of *name* from *other*, unless they contradict it."""
    found = tuple(mine or theirs for mine, theirs in zip(name, other, strict=True))
    whole, first, last = found
    return (whole, first, last) if not any(name) or is_consistent_name(whole, first, last) else name


def complete_name_parts(name: Name) -> tuple[str, str]:
    """Return the first and the last name; if only one of them is known, the other is the rest of the full name."""
    whole, first, last = name
    if first and not last and whole.startswith(f"{first} "):
        return first, whole.removeprefix(first).strip()
    if last and not first and whole.endswith(f" {last}"):
        return whole.removesuffix(last).strip(), last
    return first, last


def is_consistent_name(whole: str, first: str, last: str) -> bool:
    """Return whether a full name and its parts may be the same: one side has no word that the other lacks."""
    mine, parts = _split_words(whole), _split_words(f"{first} {last}")
    return (
        not mine
        or not parts
        or mine <= parts
        or parts <= mine
        or _normalize_text(whole) == _normalize_text(last + first)
    )


def _split_name(whole: str, before: Name) -> tuple[str, str]:
    """Divide a new *whole* name as the name *before* was divided."""
    _, first, last = before
    words = whole.split()
    if first and last:
        if whole.endswith(f" {last}"):
            return whole.removesuffix(last).strip(), last
        if whole.startswith(f"{first} "):
            return first, whole.removeprefix(first).strip()
    many = min(len((last or first).split()) or 1, max(1, len(words) - 1))
    if _is_family_first(before):
        if whole.startswith(f"{last} "):
            return whole.removeprefix(last).strip(), last
        return " ".join(words[many:]), " ".join(words[:many])
    if len(words) < 2 or not last:
        return (whole, "") if first else ("", whole)
    return " ".join(words[:-many]), " ".join(words[-many:])


def _replace_parts(before: Name, first: str, last: str) -> str:
    """Replace first and last name in the full name *before*."""
    whole = before[0]
    old_first, old_last = before[1:]
    is_found = all(old in whole for old in (old_first, old_last) if old)
    if is_found and bool(old_first) == bool(first) and bool(old_last) == bool(last):
        # In place, so that middle names and titles stay: "Dr Ana M. Lopez" becomes "Dr Anna M. Lopez". The last name is
        # searched from the end, because the first may contain it.
        at = whole.rfind(old_last) if old_last and not _is_family_first(before) else -1
        if at >= 0:
            whole = whole[:at].replace(old_first, first, 1) + last + whole[at + len(old_last) :]
        else:
            whole = whole.replace(old_first, first, 1) if not old_last else _join_parts(first, last, before)
        if is_consistent_name(whole, first, last):
            return whole
    return _join_parts(first, last, before)


def _join_parts(first: str, last: str, before: Name) -> str:
    """Join two parts to a full name, in the order of the name *before*."""
    if _is_family_first(before) and first and last:
        gap = "" if before[0] == before[2] + before[1] else " "
        return f"{last}{gap}{first}"
    return " ".join(part for part in (first, last) if part)


def _is_family_first(name: Name) -> bool:
    """Return whether the last name comes first, as in Chinese, Japanese, Korean and Hungarian."""
    whole, first, last = name
    return bool(first and last) and _normalize_text(whole) == _normalize_text(last + first) != _normalize_text(
        first + last
    )


def _normalize_text(text: str) -> str:
    """Return *text* without capitals, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _PUNCTUATION.sub("", "".join(c for c in plain if not unicodedata.combining(c)))


def _split_words(text: str) -> set[str]:
    """Return the normalised words of *text*."""
    return {flat for word in text.split() if (flat := _normalize_text(word))}
