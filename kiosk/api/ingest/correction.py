"""
Corrections: a device posts again what it posted before. It may add values and change its own, but not those of others.

The rules are the table "Correct what was posted" in docs/api.md. All other changes need the role `manage` (PATCH).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.client_ids import Contribution
from data.contact import CONTACT_FIELDS, Contact
from data.lead import Lead, derive_email_identity
from data.names import NAME_FIELDS, is_consistent_name
from data.notes import find_part
from kiosk.api.wire.problems import ApiProblem

# The CRM and the next badge recognise a person by these fields, so another value would make the lead somebody else.
_IDENTIFYING_FIELDS = ("email", "badge_id")

_SHARED_LEAD_SENTENCE = (
    "{field}: others have added to this lead, too, so another {name} needs the role manage (PATCH). "
    "If this is another person, post it with a client_id of its own."
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A lead after a device has corrected what it posted."""

    lead: Lead
    contribution: Contribution
    not_taken: Mapping[str, tuple[Any, Any]]
    """Fields that keep somebody else's value: that value, and the one posted."""


def apply_correction(
    lead: Lead, posted: Mapping[str, Any], earlier: Sequence[Contribution], *, is_shared: bool
) -> Correction:
    """
    Return *lead* with what a device *posted* now.

    *earlier* are the device's contributions to this lead so far; the one with this client id comes first. *is_shared*
    says whether others have added to the lead too.

    Raises:
        ApiProblem: it would turn a lead that several devices share into somebody else.
    """
    before = earlier[0] if earlier else Contribution({}, {})
    applied = [contribution.applied for contribution in earlier]
    fields, corrected, not_taken = _correct_fields(lead, posted, before, applied, is_shared=is_shared)
    own = {**before.applied, **corrected}
    if "note" in posted:
        fields["note"], own["note"] = _merge_note(lead.note, posted["note"], before)
    if "tags" in posted:
        fields["tags"], own["tags"] = _merge_tags(lead.tags, posted["tags"], before, applied)
    if "answers" in posted:
        fields["answers"], own["answers"], conflict = _merge_answers(lead.answers, posted["answers"], before, applied)
        not_taken |= {"answers": conflict} if conflict else {}
    edited = {name: fields.pop(name) for name in CONTACT_FIELDS if name in fields}
    contact, own_names, conflicting_names = _correct_contact(lead, edited, before, applied, is_shared=is_shared)
    own |= own_names
    not_taken |= conflicting_names
    return Correction(
        replace(lead, contact=contact, **fields), Contribution({**before.posted, **posted}, own), not_taken
    )


def _correct_fields(
    lead: Lead,
    posted: Mapping[str, Any],
    before: Contribution,
    applied: Sequence[Mapping[str, Any]],
    *,
    is_shared: bool,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, tuple[Any, Any]]]:
    """
    Decide about contact fields, badge id and rating; return the new values, the device's own, and what is not taken.

    Raises:
        ApiProblem: an identifying field of a shared lead would change.
    """
    fields, own, not_taken = dict[str, Any](), dict[str, Any](), dict[str, tuple[Any, Any]]()
    for name in (*CONTACT_FIELDS, "badge_id", "rating"):
        if name not in posted:
            continue
        current, value = _get_value(lead, name), posted[name]
        # The same value as last time: a person may have changed the lead meanwhile, and that stays.
        is_repeated = value == before.posted.get(name, before.applied.get(name, ""))
        if is_repeated and not _was_derived_from_removed_name(name, current, posted, before):
            continue
        if value == current:
            continue
        is_own = not is_shared or any(values.get(name) == current for values in applied)
        if not current or (is_own and not (is_shared and _changes_person(name, current, value))):
            fields[name] = own[name] = value
        elif name == "rating" and value > current:
            fields[name] = value  # the higher rating always counts, as when a badge is scanned twice
        elif name in _IDENTIFYING_FIELDS and value and _changes_person(name, current, value):
            detail = _SHARED_LEAD_SENTENCE.format(field=name, name=name.replace("badge_id", "badge"))
            raise ApiProblem(409, detail, field=name)
        else:
            not_taken[name] = (current, value)
    return fields, own, not_taken


def _correct_contact(
    lead: Lead,
    edited: Mapping[str, str],
    before: Contribution,
    applied: Sequence[Mapping[str, Any]],
    *,
    is_shared: bool,
) -> tuple[Contact, dict[str, str], dict[str, tuple[str, str]]]:
    """Apply *edited* contact fields; return the contact, the device's own name fields, and those that are not taken."""
    # An edit of one name field updates the other name fields, unless another device or a person set one of them.
    parts = [(name, _get_value(lead, name)) for name in NAME_FIELDS]
    has_own_name = not is_shared or all(
        not part or any(values.get(name) == part for values in applied) for name, part in parts
    )
    conflicting = {} if has_own_name else _find_conflicting_names(lead, edited)
    own = {name: before.applied.get(name, "") for name in conflicting}
    edited = {name: value for name, value in edited.items() if name not in conflicting}
    contact = lead.contact.apply_changes(edited) if has_own_name else replace(lead.contact, **edited)
    own |= {name: getattr(contact, name) for name, part in parts if name in edited or getattr(contact, name) != part}
    return contact, own, conflicting


def derive_contribution(before: Lead | None, after: Lead, posted: Mapping[str, Any]) -> Contribution:
    """Return what a first post added to a lead; *before* is the lead before that, None if the post created it."""
    own: dict[str, Any] = {}
    for name in (*CONTACT_FIELDS, "badge_id", "rating"):
        if _get_value(after, name) and not (before and _get_value(before, name)):
            own[name] = _get_value(after, name)
    if posted.get("note") and not (before and find_part(posted["note"], before.note)):
        own["note"] = posted["note"]
    own["tags"] = [tag for tag in after.tags if before is None or tag not in before.tags]
    own["answers"] = {
        question: answer
        for question, answer in after.answers.items()
        if before is None or question not in before.answers
    }
    return Contribution(posted, own)


def _find_conflicting_names(lead: Lead, edited: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Find name fields in *edited* that contradict the name from others: the value that stays, and the posted one."""
    added = {name: edited[name] for name in NAME_FIELDS if edited.get(name)}
    if not added or is_consistent_name(*replace(lead.contact, **added).name_parts):
        return {}
    return {name: (_get_value(lead, name) or lead.contact.display_name, part) for name, part in added.items()}


def _was_derived_from_removed_name(name: str, current: str, posted: Mapping[str, Any], before: Contribution) -> bool:
    """Return whether *current* was only derived from the other name fields, all of which are empty now."""
    return (
        name in NAME_FIELDS
        and before.applied.get(name) == current
        and not any(posted.get(field, before.posted.get(field)) for field in NAME_FIELDS)
    )


def _get_value(lead: Lead, name: str) -> Any:
    """Return one field of *lead* or of its contact."""
    return getattr(lead.contact, name) if name in CONTACT_FIELDS else getattr(lead, name)


def _changes_person(name: str, current: str, value: str) -> bool:
    """Return whether *value* in place of *current* makes the lead somebody else. Capitals in an e-mail do not."""
    if name == "email":
        identity = derive_email_identity(value)
        return not value or not identity or derive_email_identity(current) != identity
    return name == "badge_id"


def _merge_note(current: str, posted: str, before: Contribution) -> tuple[str, str]:
    """Replace the device's own part of a note; return the note and that part. What others wrote stays."""
    own_part = before.applied.get("note", "")
    if posted == before.posted.get("note", ""):
        return current, own_part
    span = find_part(own_part, current)
    if span is None:
        head, tail = current, ""
    else:
        head, tail = current[: span[0]].removesuffix("\n"), current[span[1] :].removeprefix("\n")
    rest = "\n".join(filter(None, (head, tail)))
    if find_part(posted, rest):  # others wrote the same text, and it stays theirs
        return rest, ""
    return "\n".join(filter(None, (head, posted, tail))), posted


def _merge_tags(
    current: Sequence[str], posted: Sequence[str], before: Contribution, applied: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, ...], list[str]]:
    """Merge the posted tags; return all of them, and the device's own. It can only remove tags that it added."""
    own = {tag for values in applied for tag in values.get("tags", ())}
    repeated = before.posted.get("tags", ())  # if one of these is gone, a person has removed it
    added = [tag for tag in posted if tag not in current and tag not in repeated]
    kept = [tag for tag in current if tag in posted or tag not in own]
    return (*kept, *added), [tag for tag in (*kept, *added) if tag in own or tag in added]


def _merge_answers(
    current: Mapping[str, str], posted: Mapping[str, str], before: Contribution, applied: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, str], dict[str, str], tuple[Any, Any] | None]:
    """Merge the posted answers; return all of them, the device's own, and the conflict: what stays, what was posted."""
    repeated = before.posted.get("answers", {})
    own = {
        question: answer
        for question, answer in current.items()
        if any(values.get("answers", {}).get(question) == answer for values in applied)
    }
    after = {question: answer for question, answer in current.items() if question in posted or question not in own}
    refused = {}
    for question, answer in posted.items():
        if repeated.get(question) == answer or current.get(question) == answer:
            continue
        if question in own or question not in current:
            after[question] = own[question] = answer
        else:
            refused[question] = answer
    kept = {question: current[question] for question in refused}
    own = {question: answer for question, answer in own.items() if question in after}
    return after, own, (kept, refused) if refused else None
