"""
A device corrects what it posted: it adds, changes what it said itself, and nothing of others.

The rule is the table "Correct what was posted" in docs/api.md. Deciding about the rest takes the role `manage` (PATCH).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.client_ids import Contribution
from data.contact import CONTACT_FIELDS
from data.lead import Lead, derive_email_identity
from data.names import NAME_FIELDS, is_consistent_name
from data.notes import find_part
from kiosk.api.wire.problems import ApiProblem

_IDENTIFYING_FIELDS = ("email", "badge_id")
"""Fields by which the CRM and the next badge know a person: another one makes the lead somebody else."""

_SHARED_LEAD_SENTENCE = (
    "{field}: others have added to this lead too, so another {name} takes the role manage (PATCH); "
    "if this is another person, post it with a client_id of its own."
)


@dataclass(frozen=True, slots=True)
class _Correction:
    """A lead after a device has corrected itself."""

    lead: Lead
    contribution: Contribution
    not_taken: Mapping[str, tuple[Any, Any]]
    """Fields in which others said something else, which stays: what stays, and what the device said."""


def apply_correction(
    lead: Lead, said: Mapping[str, Any], earlier: Sequence[Contribution], *, is_shared: bool
) -> _Correction:
    """
    *lead* with what a device says of it now.

    *earlier* is what the same device said of it before, this very post first; *is_shared* says whether others have
    added to the lead.

    Raises:
        Problem: it would make the lead of several somebody else.
    """
    before = earlier[0] if earlier else Contribution({}, {})
    owned = [one.applied for one in earlier]
    own, fields, not_taken = dict(before.applied), dict[str, Any](), dict[str, tuple[Any, Any]]()
    for name in (*CONTACT_FIELDS, "badge_id", "rating"):
        if name not in said or said[name] == before.posted.get(name, before.applied.get(name, "")):
            continue
        now, value = _get_value(lead, name), said[name]
        if value == now:
            continue
        is_own = not is_shared or any(one.get(name) == now for one in owned)
        if not now or (is_own and not (is_shared and _changes_person(name, now, value))):
            fields[name] = own[name] = value
        elif name == "rating" and value > now:
            fields[name] = value
        elif name in _IDENTIFYING_FIELDS and value and _changes_person(name, now, value):
            raise ApiProblem(
                409, _SHARED_LEAD_SENTENCE.format(field=name, name=name.replace("badge_id", "badge")), field=name
            )
        else:
            not_taken[name] = (now, value)
    if "note" in said:
        fields["note"], own["note"] = _merge_note(lead.note, said["note"], before)
    if "tags" in said:
        fields["tags"], own["tags"] = _merge_tags(lead.tags, said["tags"], before, owned)
    if "answers" in said:
        fields["answers"], own["answers"], left = _merge_answers(lead.answers, said["answers"], before, owned)
        not_taken |= {"answers": left} if left else {}
    named = {name: fields.pop(name) for name in CONTACT_FIELDS if name in fields}
    # The parts of a name follow an edited one, unless one of them is what others said.
    parts = [(name, _get_value(lead, name)) for name in NAME_FIELDS]
    has_own_name = not is_shared or all(not part or any(one.get(name) == part for one in owned) for name, part in parts)
    if not has_own_name and (strange := _find_conflicting_names(lead, named)):
        not_taken |= strange
        own |= {name: before.applied.get(name, "") for name in strange}
        named = {name: value for name, value in named.items() if name not in strange}
    contact = lead.contact.apply_changes(named) if has_own_name else replace(lead.contact, **named)
    own |= {name: getattr(contact, name) for name, part in parts if getattr(contact, name) != part}
    return _Correction(
        replace(lead, contact=contact, **fields), Contribution({**before.posted, **said}, own), not_taken
    )


def _find_conflicting_names(lead: Lead, named: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The parts of a name that say something else than the rest, which others said; and what stays in their place."""
    added = {name: named[name] for name in NAME_FIELDS if named.get(name)}
    if not added or is_consistent_name(*replace(lead.contact, **added).name_parts):
        return {}
    return {name: (_get_value(lead, name) or lead.contact.display_name, part) for name, part in added.items()}


def derive_contribution(before: Lead | None, after: Lead, said: Mapping[str, Any]) -> Contribution:
    """What a first post has *said*, and put into a lead that was as *before*; None where it made the lead."""
    own: dict[str, Any] = {}
    for name in (*CONTACT_FIELDS, "badge_id", "rating"):
        if _get_value(after, name) and not (before and _get_value(before, name)):
            own[name] = _get_value(after, name)
    if said.get("note") and not (before and find_part(said["note"], before.note)):
        own["note"] = said["note"]
    own["tags"] = [tag for tag in after.tags if before is None or tag not in before.tags]
    own["answers"] = {q: a for q, a in after.answers.items() if before is None or q not in before.answers}
    return Contribution(said, own)


def _get_value(lead: Lead, name: str) -> Any:
    """The value of one field of *lead*."""
    return getattr(lead.contact, name) if name in CONTACT_FIELDS else getattr(lead, name)


def _changes_person(name: str, now: str, value: str) -> bool:
    """Whether *value* in place of *now* says that the lead is somebody else; capitals in an address do not."""
    if name == "email":
        return (
            not value or derive_email_identity(now) != derive_email_identity(value) or not derive_email_identity(value)
        )
    return name == "badge_id"


def _merge_note(now: str, said: str, before: Contribution) -> tuple[str, str]:
    """The lead's note with the device's own part of it replaced, and that part; what others wrote stays."""
    mine = before.applied.get("note", "")
    if said == before.posted.get("note", ""):
        return now, mine
    at = find_part(mine, now)
    head, tail = (now, "") if at is None else (now[: at[0]].removesuffix("\n"), now[at[1] :].removeprefix("\n"))
    rest = "\n".join(filter(None, (head, tail)))
    if find_part(said, rest):  # others have written the same, and it stays theirs
        return rest, ""
    return "\n".join(filter(None, (head, said, tail))), said


def _merge_tags(
    now: Sequence[str], said: Sequence[str], before: Contribution, owned: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, ...], list[str]]:
    """The lead's tags, and those that are the device's own: it takes off only what it put on."""
    own = {tag for one in owned for tag in one.get("tags", ())}
    repeated = before.posted.get("tags", ())  # what it repeats a person may have taken off meanwhile
    added = [tag for tag in said if tag not in now and tag not in repeated]
    kept = [tag for tag in now if tag in said or tag not in own]
    return (*kept, *added), [tag for tag in (*kept, *added) if tag in own or tag in added]


def _merge_answers(
    now: Mapping[str, str], said: Mapping[str, str], before: Contribution, owned: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, str], dict[str, str], tuple[Any, Any] | None]:
    """The lead's answers, the device's own among them, and what stays of others against what it said."""
    repeated = before.posted.get("answers", {})
    own = {q: a for q, a in now.items() if any(one.get("answers", {}).get(q) == a for one in owned)}
    after = {q: a for q, a in now.items() if q in said or q not in own}
    left = {}
    for question, answer in said.items():
        if repeated.get(question) == answer or now.get(question) == answer:
            continue
        if question in own or question not in now:
            after[question] = own[question] = answer
        else:
            left[question] = answer
    stays = {question: now[question] for question in left}
    return after, {q: a for q, a in own.items() if q in after}, (stays, left) if left else None
