"""The result of each kind of badge: on the disk, and in words."""

import pytest

from data import outbox
from kiosk.badges.profile import BadgeProfile
from tests.kiosk.conftest import Counter, sha256, vcard

TABLES = "select (select count(*) from leads), (select count(*) from scans), (select count(*) from outbox)"


def test_a_new_visitor_is_a_lead_a_scan_and_an_outbox_row(counter: Counter) -> None:
    """All three are on the disk when the result says `Saved`, and the worker is woken once."""
    badge = vcard("Ana López", "ana@initech.example", "Initech")

    captured = counter.show(badge)

    assert (captured.kind, captured.headline, captured.sentence) == ("saved", "Saved", "Ana López, Initech")
    assert captured.is_saved and captured.lead is not None
    assert counter.rows(
        "select leads.id, state, outbox.revision, payload from leads"
        " join outbox on outbox.lead_id = leads.id join scans on scans.lead_id = leads.id"
    ) == [(captured.lead.id, "waiting", 1, badge.encode())]
    assert counter.nudges == 1


def test_a_second_scan_is_the_same_lead(counter: Counter) -> None:
    """`Already saved`, with what the second badge adds, and both scans."""
    counter.show(vcard("Ana López", "ana@initech.example"))

    captured = counter.show(vcard("Ana López", "ANA@initech.example", "Initech"))

    assert (captured.kind, captured.headline, captured.sentence) == ("again", "Already saved", "Ana López, Initech")
    assert captured.is_saved
    assert counter.rows(TABLES) == [(1, 2, 1)]


def test_a_discarded_visitor_who_comes_again_is_restored(counter: Counter) -> None:
    """And the sentence says so."""
    lead = counter.show(vcard("Ana López", "ana@initech.example")).lead
    assert lead is not None
    outbox.discard_lead(counter.db, lead.id, "a competitor", "bob", counter.clock)

    captured = counter.show(vcard("Ana López", "ana@initech.example"))

    assert (captured.kind, captured.sentence) == ("saved", "Ana López had been discarded and is restored.")
    assert counter.rows("select state from outbox") == [("waiting",)]


@pytest.mark.parametrize("badge", ["PZD97W0042", "??? ~~ ???", b"\x00\xff\xfe\x80"])
def test_a_badge_without_a_person_is_saved_raw_and_needs_details(counter: Counter, badge: str | bytes) -> None:
    """Nobody is turned away: a person or the attendee list completes the lead later."""
    captured = counter.show(badge)

    assert (captured.kind, captured.headline) == ("needs details", "Saved")
    what = "only an ID on this badge" if badge == "PZD97W0042" else "this badge was not understood"
    assert f": {what}. Press F2 to add a name" in captured.sentence
    assert counter.rows("select state, cause from outbox") == [("needs you", "needs details")]
    assert counter.rows("select payload from scans") == [(badge if isinstance(badge, bytes) else badge.encode(),)]


def test_the_same_unknown_badge_is_one_lead(counter: Counter) -> None:
    """It is recognised by its payload; another payload is another lead."""
    kinds = [counter.show(badge).kind for badge in ("??? 1", "??? 1", "??? 2")]

    assert kinds == ["needs details"] * 3
    assert counter.rows(TABLES) == [(2, 3, 2)]


def test_a_secret_is_kept_as_a_hash_only(counter: Counter) -> None:
    """There is no lead, no outbox row and no payload, and the worker is not woken."""
    wifi = "WIFI:S:Conference;T:WPA;P:correct-horse;;"

    captured = counter.show(wifi)

    assert (captured.kind, captured.headline, captured.is_saved) == ("refused", "Not a badge", False)
    assert "correct-horse" not in captured.sentence
    assert counter.rows(TABLES) == [(0, 1, 0)]
    assert [(None, None, sha256(wifi), "wifi")] == counter.rows(
        "select lead_id, payload, payload_hash, kind from scans"
    )
    assert counter.nudges == 0


def test_the_test_badge_leaves_nothing(counter: Counter) -> None:
    """It only shows that the camera and the decoder work."""
    captured = counter.show("TESTTESTTESTTEST")

    assert (captured.kind, captured.headline, captured.is_saved) == ("test", "Test badge", False)
    assert counter.rows(TABLES) == [(0, 0, 0)]


def test_the_events_own_badges_are_read_by_its_profile(counter: Counter) -> None:
    """The settings in `[badges]` reach the capture."""
    counter.capture.profile = BadgeProfile("^", ("id", "first_name", "last_name", "email"))

    captured = counter.show("155148186443500172ft^Brian^Trainor^brian@example.com")

    assert (captured.kind, captured.sentence) == ("saved", "Brian Trainor")
    assert counter.rows("select badge_id, email from leads") == [("155148186443500172ft", "brian@example.com")]
