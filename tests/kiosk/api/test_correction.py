"""However often a device posts again, the values of others stay, and it can take back its own."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.client_ids import Contribution
from data.contact import CONTACT_FIELDS, Contact
from data.lead import Lead
from data.leads import merge_leads
from kiosk.api.ingest.correction import apply_correction, derive_contribution
from kiosk.api.wire.problems import ApiProblem

WORD = st.sampled_from(["", "a", "b", "a\nb", "b\na", "c", "a@x.example", "b@x.example"])
TAGS = st.lists(st.sampled_from(["hot", "cold", "demo"]), unique=True, max_size=3)
ANSWERS = st.dictionaries(st.sampled_from(["size", "when"]), st.sampled_from(["1", "2"]), max_size=2)
POSTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys((*CONTACT_FIELDS, "badge_id", "note"), WORD),
        "rating": st.integers(1, 5),
        "tags": TAGS,
        "answers": ANSWERS,
    },
)


def lead_of(said: dict[str, Any]) -> Lead:
    """Return the lead that a first post makes."""
    contact = Contact(**{name: said[name] for name in CONTACT_FIELDS if name in said})
    others = {name: value for name, value in said.items() if name not in CONTACT_FIELDS}
    return Lead("1", "Expo", "posted", contact, **{**others, "tags": tuple(said.get("tags", ()))})


def again(lead: Lead, contribution: Contribution, said: dict[str, Any]) -> tuple[Lead, Contribution]:
    """Return lead and contribution after one more post; a refused one changes neither."""
    with suppress(ApiProblem):
        found = apply_correction(lead, said, [contribution], is_shared=True)
        return found.lead, found.contribution
    return lead, contribution


@given(POSTS, POSTS, st.lists(POSTS, max_size=4))
@settings(max_examples=400, deadline=None)
def test_values_of_another_device_are_never_lost(theirs: dict[str, Any], first: dict[str, Any], later: Any) -> None:
    """Fields, tags, answers and the note are as before; the rating is at least as high."""
    other = lead_of(theirs)
    lead = merge_leads(other, lead_of(first))
    contribution = derive_contribution(other, lead, first)
    for said in later:
        lead, contribution = again(lead, contribution, said)

    kept = [name for name in CONTACT_FIELDS if getattr(other.contact, name)]
    assert [getattr(lead.contact, name) for name in kept] == [getattr(other.contact, name) for name in kept]
    assert (lead.badge_id == other.badge_id) or not other.badge_id
    assert set(other.tags) <= set(lead.tags)
    assert other.answers.items() <= lead.answers.items()
    assert f"\n{other.note}\n" in f"\n{lead.note}\n" or not other.note
    assert (lead.rating or 0) >= (other.rating or 0)


@given(POSTS, POSTS, st.lists(POSTS, max_size=3))
@example(theirs={}, first={"name": "b"}, later=[{"name": "a", "first_name": "b"}])
@example(theirs={}, first={"first_name": "", "last_name": "a"}, later=[{"name": "a\nb"}])
@settings(max_examples=400, deadline=None)
def test_a_device_can_take_back_its_own_values(theirs: dict[str, Any], first: dict[str, Any], later: Any) -> None:
    """After clearing everything, only the values of others, identifying fields and the rating are left."""
    other = lead_of(theirs)
    lead = merge_leads(other, lead_of(first))
    contribution = derive_contribution(other, lead, first)
    for said in later:
        lead, contribution = again(lead, contribution, said)
    emptied = dict.fromkeys((*CONTACT_FIELDS, "note"), "") | {"tags": [], "answers": {}}
    del emptied["email"]
    lead, _ = again(lead, contribution, emptied)

    assert replace(lead.contact, email="") == replace(other.contact, email="")
    assert set(lead.tags) == set(other.tags)
    assert lead.answers == other.answers
    assert lead.note == other.note
