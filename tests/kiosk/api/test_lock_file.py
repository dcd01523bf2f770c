"""The server's lock file: an unusable one is named, and nothing else is blamed."""

import subprocess
from contextlib import closing

from data.store import open_store
from tests.kiosk.cli.conftest import Kiosk, kiosk, powerless  # noqa: F401  pytest finds them by name


def test_an_unusable_lock_file_is_named_not_the_port(
    kiosk: Kiosk,  # noqa: F811
    powerless: list[str],  # noqa: F811
) -> None:
    """In a folder in which it cannot be replaced either."""
    kiosk.configure("api.port = 0")
    folder = kiosk.settings.folder
    kiosk.people(1)
    lock = folder / "intake.lock"
    lock.touch(0o600)
    (folder / "kiosk.db.migrate.lock").touch(0o600)
    (folder / "kiosk.db.moved").touch(0o600)
    with closing(
        open_store(kiosk.settings.database_file)
    ) as db:  # its log is there, so that the folder need take no files
        db.execute("select count(*) from leads").fetchone()
        lock.chmod(0)
        folder.chmod(0o500)
        try:
            done = kiosk.run("serve", prefix=powerless)
        finally:
            folder.chmod(0o700)

    assert done.returncode == 1
    assert f"{lock}: Permission denied." in done.stderr, done.stderr
    assert "Cannot listen on" not in done.stderr
    assert "[api]" not in done.stderr


def test_an_unreadable_lock_file_is_replaced_in_our_own_folder(
    kiosk: Kiosk,  # noqa: F811
    powerless: list[str],  # noqa: F811
) -> None:
    """The file has no content that matters."""
    kiosk.configure("api.port = 0")
    kiosk.people(1)
    lock = kiosk.settings.folder / "intake.lock"
    lock.touch(0o000)

    process = subprocess.Popen(
        [*powerless, *kiosk.arguments("serve")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Accepting leads at ")
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
    assert lock.stat().st_mode & 0o777 == 0o600
