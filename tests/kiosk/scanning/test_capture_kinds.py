"""What comes of a badge that is shown, one kind a test: on the disk, and in words."""

import pytest

from data import outbox
from kiosk.badges.profile import BadgeProfile
from tests.kiosk.conftest import Counter, sha256, vcard

TABLES = "select (select count(*) from leads), (select count(*) from scans), (select count(*) from outbox)"


def test_a_new_visitor_is_a_lead_a_scan_and_an_outbox_row(counter: Counter) -> None:
    """All three are there when `Saved` is said, and the worker is woken once."""
    badge = vcard("Ana López", "ana@initech.example", "Initech")

    captured = counter.show(badge)

    assert ("saved", "Saved", "Ana López, Initech") == (captured.kind, captured.headline, captured.sentence)
    assert captured.is_saved and captured.lead is not None
    assert [(captured.lead.id, "waiting", 1, badge.encode())] == counter.rows(
        "select leads.id, state, outbox.revision, payload from leads"
        " join outbox on outbox.lead_id = leads.id join scans on scans.lead_id = leads.id"
    )
    assert 1 == counter.nudges


def test_a_second_scan_is_the_same_lead(counter: Counter) -> None:
    """`Already saved`, with what the second badge knew better, and both scans."""
    counter.show(vcard("Ana López", "ana@initech.example"))

    captured = counter.show(vcard("Ana López", "ANA@initech.example", "Initech"))

    assert ("again", "Already saved", "Ana López, Initech") == (captured.kind, captured.headline, captured.sentence)
    assert captured.is_saved
    assert [(1, 2, 1)] == counter.rows(TABLES)


def test_a_discarded_visitor_who_comes_again_is_back(counter: Counter) -> None:
    """And the sentence says so."""
    lead = counter.show(vcard("Ana López", "ana@initech.example")).lead
    assert lead is not None
    outbox.discard_lead(counter.db, lead.id, "a competitor", "bob", counter.clock)

    captured = counter.show(vcard("Ana López", "ana@initech.example"))

    assert ("saved", "Ana López: was discarded, and is back.") == (captured.kind, captured.sentence)
    assert [("waiting",)] == counter.rows("select state from outbox")


@pytest.mark.parametrize("badge", ["PZD97W0042", "??? ~~ ???", b"\x00\xff\xfe\x80"])
def test_what_says_nothing_of_a_person_is_saved_raw_and_needs_details(counter: Counter, badge: str | bytes) -> None:
    """Nobody is turned away: it is a lead that a person or the attendee list completes."""
    captured = counter.show(badge)

    assert ("needs details", "Saved") == (captured.kind, captured.headline)
    what = "only an ID on this badge" if badge == "PZD97W0042" else "this badge was not understood"
    assert f": {what}. Press F2 to add a name" in captured.sentence
    assert [("needs you", "needs details")] == counter.rows("select state, cause from outbox")
    assert [(badge if isinstance(badge, bytes) else badge.encode(),)] == counter.rows("select payload from scans")


def test_the_same_unknown_badge_is_one_lead(counter: Counter) -> None:
    """It is known again by its payload; another is another."""
    kinds = [counter.show(badge).kind for badge in ("??? 1", "??? 1", "??? 2")]

    assert ["needs details"] * 3 == kinds
    assert [(2, 3, 2)] == counter.rows(TABLES)


def test_what_is_nobodys_business_is_kept_as_a_hash_only(counter: Counter) -> None:
    """No lead, no outbox row, no payload; and nobody is woken."""
    wifi = "WIFI:S:Conference;T:WPA;P:correct-horse;;"

    captured = counter.show(wifi)

    assert ("refused", "Not a badge", False) == (captured.kind, captured.headline, captured.is_saved)
    assert "correct-horse" not in captured.sentence
    assert [(0, 1, 0)] == counter.rows(TABLES)
    assert [(None, None, sha256(wifi), "wifi")] == counter.rows(
        "select lead_id, payload, payload_hash, kind from scans"
    )
    assert 0 == counter.nudges


def test_the_test_badge_leaves_nothing(counter: Counter) -> None:
    """It shows that the camera and the reader work, and no more."""
    captured = counter.show("TESTTESTTESTTEST")

    assert ("test", "Test badge", False) == (captured.kind, captured.headline, captured.is_saved)
    assert [(0, 0, 0)] == counter.rows(TABLES)


def test_the_events_own_badges_are_read_by_its_profile(counter: Counter) -> None:
    """`[badges]` reaches the capture."""
    counter.capture.profile = BadgeProfile("^", ("id", "first_name", "last_name", "email"))

    captured = counter.show("155148186443500172ft^Brian^Trainor^brian@example.com")

    assert ("saved", "Brian Trainor") == (captured.kind, captured.sentence)
    assert [("155148186443500172ft", "brian@example.com")] == counter.rows("select badge_id, email from leads")
