"""The data folder: nobody but its owner may write there."""

import os
from pathlib import Path

import pytest

from data.errors import StoreUnusable
from data.store import open_store


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o757])
def test_a_folder_that_everybody_can_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    """Its mode is left alone, because it may be /tmp; nothing is created in it."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(mode)

    with pytest.raises(
        StoreUnusable, match=f"Other users can write to {folder}.*nothing was saved.*chmod go-w {folder}"
    ):
        open_store(folder / "kiosk.db")

    assert (folder.stat().st_mode & 0o7777, list(folder.iterdir())) == (mode, [])


def test_a_folder_of_ours_that_its_group_can_write_to_is_made_private(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As a umask of 002 creates it; the change is logged."""
    tmp_path.chmod(0o775)

    open_store(tmp_path / "kiosk.db").close()

    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert [message for message in caplog.messages if "was writable by its group" in message] != []


@pytest.mark.skipif(os.geteuid() != 0, reason="ONLY root CAN GIVE A FOLDER TO SOMEBODY ELSE")
def test_a_folder_of_somebody_else_s_group_is_refused(tmp_path: Path) -> None:
    """It is not ours to change."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    folder.chmod(0o775)
    os.chown(folder, 12345, 12345)

    with pytest.raises(StoreUnusable, match="Other users can write to"):
        open_store(folder / "kiosk.db")
