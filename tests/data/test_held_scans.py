"""Scans that could not be saved: kept in a file, and saved once."""

from dataclasses import replace
from pathlib import Path

import pytest

from data import held_scans
from data.arrival import Arrival, RefusedScan
from tests.data.conftest import Booth


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home and temporary folders of the test's own, where such files may be, too."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(folder / "tmp"))
    return folder


def scan_of(booth: Booth, name: str, **values: object) -> Arrival:
    """Return a scan of somebody's badge."""
    booth.clock.tick(1.0)
    email = f"{name.lower()}@x.example"
    lead = booth.lead(name=name, email=email, **values)
    return Arrival(booth.scan(name.encode()), lead)


def test_what_was_kept_is_saved_with_its_own_time_and_once(booth: Booth) -> None:
    """As it was when the badge was shown; then the file is deleted."""
    scans = [scan_of(booth, "Ana", answers={"size": "100"}, tags=("hot",)), scan_of(booth, "Bob")]
    kept = held_scans.write_held_scans(booth.path, scans)
    booth.clock.tick(3600.0)

    taken = held_scans.save_held_scans(booth.db, booth.path, booth.clock)

    assert kept is not None and kept.parent == booth.path.parent
    assert (taken, kept.exists()) == (2, False)
    rows = booth.db.execute(
        "select name, wall_at, answers, tags from leads join scans on lead_id = leads.id"
    ).fetchall()
    assert [tuple(row) for row in rows] == [
        ("Ana", scans[0].scan.wall_at, '{"size": "100"}', '["hot"]'),
        ("Bob", scans[1].scan.wall_at, "{}", "[]"),
    ]
    assert booth.count_rows("outbox") == 2


def test_a_start_that_was_killed_half_way_takes_in_the_rest(booth: Booth) -> None:
    """What is in the database already is not saved a second time."""
    scans = [scan_of(booth, "Ana"), scan_of(booth, "Bob")]
    held_scans.write_held_scans(booth.path, scans[:1])
    held_scans.save_held_scans(booth.db, booth.path, booth.clock)
    held_scans.write_held_scans(booth.path, scans)

    assert held_scans.save_held_scans(booth.db, booth.path, booth.clock) == 1
    assert (booth.count_rows("leads"), booth.count_rows("scans")) == (2, 2)


def test_what_is_nobodys_business_keeps_only_its_hash(booth: Booth) -> None:
    """In the file as in the database."""
    secret = replace(booth.scan(b"WIFI:S:Conference;P:correct-horse;;"), kind="wifi")
    kept = held_scans.write_held_scans(booth.path, [RefusedScan("Expo 2026", secret)])

    assert kept is not None and b"correct-horse" not in kept.read_bytes()
    assert held_scans.save_held_scans(booth.db, booth.path, booth.clock) == 1
    assert (booth.count_rows("leads"), booth.count_rows("scans")) == (0, 1)


def test_without_its_folder_they_are_kept_at_home_and_found_there(booth: Booth, home: Path) -> None:
    """As when the disk was pulled; the next start looks there, too."""
    away = booth.path.parent.with_name("gone") / "kiosk.db"

    kept = held_scans.write_held_scans(away, [scan_of(booth, "Ana")])

    assert kept is not None and kept.parent == home
    away.parent.mkdir()
    assert held_scans.save_held_scans(booth.db, booth.path, booth.clock) == 0  # of another database
    assert held_scans.save_held_scans(booth.db, away, booth.clock) == 1


def test_where_nothing_can_be_written_that_is_known(booth: Booth, home: Path) -> None:
    """Then nothing claims that it was kept."""
    home.rename(home.with_name("no-home"))

    assert held_scans.write_held_scans(booth.path.parent / "gone" / "kiosk.db", [scan_of(booth, "Ana")]) is None


def test_a_file_that_is_cut_off_gives_what_is_whole_and_is_kept(booth: Booth) -> None:
    """Nothing of it is deleted."""
    kept = held_scans.write_held_scans(booth.path, [scan_of(booth, "Ana"), scan_of(booth, "Bob")])
    assert kept is not None
    kept.write_bytes(kept.read_bytes()[:-100])

    assert held_scans.save_held_scans(booth.db, booth.path, booth.clock) == 1
    assert (kept.exists(), kept.with_suffix(".unreadable").exists()) == (False, True)


def test_what_others_may_have_written_is_passed_over(booth: Booth) -> None:
    """Anybody can put a file into a folder such as /tmp."""
    kept = held_scans.write_held_scans(booth.path, [scan_of(booth, "Ana")])
    assert kept is not None
    kept.chmod(0o666)

    assert held_scans.save_held_scans(booth.db, booth.path, booth.clock) == 0


def test_a_user_without_a_home_loses_nothing(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service may run as a user whom /etc/passwd does not know."""

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)

    assert held_scans.write_held_scans(booth.path, [scan_of(booth, "Ana")]) is not None
    assert held_scans.save_held_scans(booth.db, booth.path, booth.clock) == 1
