"""A badge that cannot be saved now is held in memory, and saved later with the time at which it was shown."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data import attendees
from data.errors import StoreBusy, StoreUnusable
from kiosk.scanning.capture import ShownBadge
from kiosk.scanning.scan_result import ScanResult
from tests.kiosk.conftest import Counter, vcard

ANA, BOB, EVE = (vcard(name, f"{name.lower()}@x.example") for name in ("Ana", "Bob", "Eve"))


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A counter that waits for a busy database only a moment."""
    monkeypatch.setattr("data.store.BUSY_TIMEOUT_SECONDS", 0.05)
    found = Counter(tmp_path / "kiosk.db").open()
    yield found
    found.db.close()


@contextmanager
def busy(counter: Counter) -> Iterator[None]:
    """Another program holds the database meanwhile."""
    other = sqlite3.connect(counter.path, isolation_level=None)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


def test_a_badge_that_cannot_be_saved_leaves_nothing_behind(counter: Counter) -> None:
    """The result says NOT SAVED and why; there is no lead, and the worker is not woken."""
    with busy(counter):
        captured = counter.show(ANA)

    assert (captured.kind, captured.headline, captured.is_saved) == ("not saved", "NOT SAVED", False)
    assert "Another program is using the database" in captured.sentence
    assert "The badge is held in memory and will be saved as soon as possible." in captured.sentence
    assert counter.rows("select count(*) from leads") == [(0,)]
    assert counter.nudges == 0


def test_held_badges_are_saved_in_order_with_their_own_time_and_operator(counter: Counter) -> None:
    """Each scan keeps the time at which its badge was shown, and the operator of that time."""
    with busy(counter):
        counter.show(ANA)
        counter.capture.operator = "bob"
        counter.show(BOB)
    counter.clock.tick(600)

    saved = counter.capture.save_held_badges()

    assert [captured.sentence for captured in saved] == ["Ana", "Bob"]
    assert not counter.capture.held_badges
    assert counter.rows(
        "select name, operator, wall_at, monotonic from scans join leads on leads.id = lead_id order by scans.id"
    ) == [("Ana", "ana", 1_800_000_001.0, 101.0), ("Bob", "bob", 1_800_000_002.0, 102.0)]
    assert counter.nudges == 2


def test_held_badges_are_saved_before_the_next_badge(counter: Counter) -> None:
    """Scans are in the order in which badges were shown, and each result is reported."""
    told: list[ScanResult] = []
    counter.capture.report_late = told.append
    with busy(counter):
        counter.show(ANA)
        counter.show(BOB)

    captured = counter.show(EVE)

    assert [(late.kind, late.sentence) for late in told] == [("saved", "Ana"), ("saved", "Bob")]
    assert (captured.kind, captured.sentence) == ("saved", "Eve")
    assert counter.rows("select name from scans join leads on leads.id = lead_id order by scans.id") == [
        ("Ana",),
        ("Bob",),
        ("Eve",),
    ]


def test_a_badge_that_is_shown_again_meanwhile_is_held_once(counter: Counter) -> None:
    """A visitor who tries again makes one scan."""
    with busy(counter):
        kinds = [counter.show(badge).kind for badge in (ANA, BOB, ANA)]

        assert kinds == ["not saved"] * 3
        assert len(counter.capture.held_badges) == 2
        assert counter.capture.save_held_badges() == []

    counter.capture.save_held_badges()

    assert counter.rows("select count(*) from scans") == [(2,)]


def test_a_refused_secret_is_held_too(counter: Counter) -> None:
    """In the end its hash is stored, and nothing but its hash."""
    with busy(counter):
        captured = counter.show("WIFI:S:Conference;P:correct-horse;;")
    counter.capture.save_held_badges()

    assert captured.kind == "not saved"
    assert "correct-horse" not in captured.sentence
    assert counter.rows("select payload, kind from scans") == [(None, "wifi")]
    assert counter.holds(b"correct-horse") == []


@pytest.mark.parametrize("error", [sqlite3.OperationalError, sqlite3.DatabaseError, sqlite3.IntegrityError])
def test_a_database_that_fails_to_read_loses_no_badge(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, error: type[sqlite3.Error]
) -> None:
    """Whatever error SQLite raises, and wherever: the badge is held, and the result says that it was not saved."""

    def fails(*_: object) -> None:
        raise error("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(attendees, "find_contact", fails)
        captured = counter.show("PZD97W0005")

    assert captured.kind == "not saved"
    assert [later.kind for later in counter.capture.save_held_badges()] == ["needs details"]


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Counter]:
    """A counter as the kiosk has it."""
    found = Counter(tmp_path / "kiosk.db").open()
    yield found
    found.db.close()


HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin immediate")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_elsewhere(counter: Counter) -> Iterator[None]:
    """Another process holds the database meanwhile."""
    command = [sys.executable, "-c", HOLD, str(counter.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin and other.stdout and other.stdout.readline() == "held\n"
        try:
            yield
        finally:
            other.stdin.close()
            other.wait(60)


def test_no_badge_waits_long_for_another_program(patient: Counter) -> None:
    """Another process locks the database: each of ten badges is answered before the next comes, and none is lost."""
    badges = [vcard(f"Visitor {number}", f"v{number}@x.example") for number in range(10)]
    with held_elsewhere(patient):
        began = time.monotonic()
        kinds = [patient.show(badge).kind for badge in badges]
        took = time.monotonic() - began

        assert kinds == ["not saved"] * 10
        assert took < 10  # thirty seconds a badge it was
        assert len(patient.capture.held_badges) == 10
    patient.clock.tick(600)

    saved = patient.capture.save_held_badges()

    assert [captured.kind for captured in saved] == ["saved"] * 10
    assert [(f"Visitor {number}", 1_800_000_001.0 + number) for number in range(10)] == patient.rows(
        "select name, wall_at from scans join leads on leads.id = lead_id order by scans.id"
    )


def test_a_badge_is_not_saved_before_those_that_are_held(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the database is free again just after an attempt to save those."""
    with busy(counter):
        counter.show(ANA)
        counter.show(BOB)
    save = counter.capture._save_badge
    busy_once = iter([True])

    def fails_first(shown: ShownBadge) -> ScanResult:
        if next(busy_once, False):
            raise StoreBusy("The database is busy.")
        return save(shown)

    monkeypatch.setattr(counter.capture, "_save_badge", fails_first)
    captured = counter.show(EVE)

    assert captured.kind == "not saved"
    assert [late.sentence for late in counter.capture.save_held_badges()] == ["Ana", "Bob", "Eve"]


def test_one_badge_that_cannot_be_saved_holds_up_no_other(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays held while the others are saved, because its error concerns no other badge."""
    save = counter.capture._save_badge

    def fails_for_ana(shown: ShownBadge) -> ScanResult:
        if shown.payload == ANA.encode():
            raise StoreUnusable("The database cannot be used.")
        return save(shown)

    with monkeypatch.context() as patch:
        patch.setattr(counter.capture, "_save_badge", fails_for_ana)
        with busy(counter):
            assert [counter.show(badge).kind for badge in (ANA, BOB)] == ["not saved"] * 2
        assert counter.show(EVE).kind == "saved"

    assert [held.payload for held in counter.capture.held_badges] == [ANA.encode()]
    assert [late.sentence for late in counter.capture.save_held_badges()] == ["Ana"]
