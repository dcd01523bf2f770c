"""What was said to be saved outlives whatever is done to kiosk.db, its log and their folder under a running kiosk."""

from pathlib import Path

import pytest

from tests.attacks.side_files import DESTROYED, SAFE, Attacked, film
from tests.support.booth import SHORT

BADGES = 160

EARLY, LATE = 3, 20
"""Badges that were saved before the attack: with the tables alone in kiosk.db, and with leads in it."""

MOMENTS = [EARLY] if SHORT else [EARLY, LATE]

REMOVED = ["remove_log", "remove_database", "remove_folder"] if SHORT else [*SAFE]

DAMAGED = ["cut_to_nothing", "overwrite_page"] if SHORT else [*DESTROYED]


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The badges that the kiosks see."""
    return film(tmp_path_factory.mktemp("film") / "badges.avi", BADGES)


@pytest.fixture
def booth(tmp_path: Path, movie: Path) -> Attacked:
    """A booth whose database is about to be attacked."""
    (tmp_path / "booth-settings").mkdir()
    return Attacked(tmp_path, movie)


def check_nothing_lost(booth: Attacked) -> None:
    """Check that all that was called saved is in a whole database, and that the last line counts it."""
    assert set(booth.said()) - booth.kept() == set(), booth.log[-4000:]
    assert booth.rows("pragma integrity_check") == [("ok",)]
    assert f"{len(booth.kept())} leads on this device" in booth.log


@pytest.mark.parametrize("attack", ["move_and_put_back", "replace_by_copy", "remove_sides"])
def test_the_commonest_attacks_lose_no_lead(booth: Attacked, attack: str) -> None:
    """The short form, for every change: a kiosk with its worker, three badges before and three after."""
    with booth.at_work() as kiosk:
        booth.wait_for(EARLY)
        SAFE[attack](booth)
        booth.wait_for(3)
        booth.end(kiosk)

    check_nothing_lost(booth)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("before", MOMENTS)
@pytest.mark.parametrize("attack", REMOVED)
def test_no_lead_that_was_called_saved_is_lost(booth: Attacked, attack: str, before: int) -> None:
    """The kiosk recovers by itself, and all of them are in the file at the end."""
    with booth.at_work() as kiosk:
        booth.wait_for(before)
        SAFE[attack](booth)
        booth.wait_for(8)
        booth.end(kiosk)

    check_nothing_lost(booth)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("before", MOMENTS)
@pytest.mark.parametrize("attack", DAMAGED)
def test_destroyed_bytes_are_noticed_and_the_rest_is_saved(booth: Attacked, attack: str, before: int) -> None:
    """The next badge says NOT SAVED; the file is set aside, what the log still has is read, and saving goes on."""
    with booth.at_work() as kiosk:
        booth.wait_for(before)
        DESTROYED[attack](booth)
        after = len(booth.said())
        booth.wait_for(8)
        booth.end(kiosk)

    first_after = booth.log.splitlines()
    assert any("NOT SAVED" in line for line in first_after), booth.log[-4000:]
    assert set(booth.said()[after:]) - booth.kept() == set(), booth.log[-4000:]
    assert set(booth.said()) - booth.kept() == set(), booth.log[-4000:]
    assert booth.rows("pragma integrity_check") == [("ok",)]
    assert list(booth.practice.glob("kiosk.db.damaged-*")), booth.log[-4000:]
