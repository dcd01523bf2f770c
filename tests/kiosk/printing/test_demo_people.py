"""The demo badges are a mix typical of a show, are read by the usual readers, and contain nobody's real address."""

import re

import pytest

from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.printing.demo_people import (
    DEMO_PEOPLE,
    build_badge_id,
    build_contact,
    build_demo_attendees,
    build_demo_badges,
)

MANY = 5 * len(DEMO_PEOPLE)


@pytest.mark.parametrize("number", range(2 * len(DEMO_PEOPLE)))
def test_a_badge_is_read_as_the_person_it_was_made_for(number: int) -> None:
    """Every script and every kind. An ID badge has nothing but the ID."""
    payload, who = build_demo_badges(number + 1)[number], build_contact(number)

    badge = read_badge(payload, payload.decode(), BadgeProfile())

    assert isinstance(badge, Badge)
    if badge.kind == "id":
        assert badge.badge_id == build_badge_id(number)
    else:
        read = badge.contact
        assert (read.email, read.company, read.first_name, read.last_name) == (
            who.email, who.company, who.first_name, who.last_name,
        )  # fmt: skip


def test_the_kinds_are_typical_of_a_show() -> None:
    """Mostly vCards, some MeCards, some IDs."""
    kinds = [read_badge(payload, payload.decode(), BadgeProfile()).kind for payload in build_demo_badges(12)]

    assert {kind: kinds.count(kind) for kind in kinds} == {"vcard": 8, "mecard": 2, "id": 2}


def test_nobody_appears_twice() -> None:
    """However many badges there are, each is its own lead."""
    assert len(set(build_demo_badges(MANY))) == MANY
    assert len({build_contact(number).email for number in range(MANY)}) == MANY


def test_nobody_gets_mail() -> None:
    """Every address is in a domain reserved for examples, see RFC 2606."""
    for number in range(MANY):
        assert re.fullmatch(r"[a-z0-9.'-]+@[a-z-]+\.example\.(com|org|net)", build_contact(number).email)


@pytest.mark.parametrize(("count", "listed"), [(0, []), (5, []), (6, [5]), (12, [5]), (24, [5, 11, 17])])
def test_the_list_has_all_ids_but_the_last(count: int, listed: list[int]) -> None:
    """One lead needs a person, so that staff see what that is like; a single ID is on the list."""
    assert build_demo_attendees(count) == [(build_badge_id(number), build_contact(number)) for number in listed]


def test_family_names_come_first_in_their_scripts() -> None:
    """As the person writes it."""
    names = [build_contact(number).name for number in (0, 3, 7)]

    assert names == ["Ana López", "山田 太郎", "王 小明"]
