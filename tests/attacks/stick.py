"""What happens to leads on a stick that fills up and is pulled: run in a mount namespace of its own by the test."""

import asyncio
import csv
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from sync.connection_context import ConnectionContext
from sync.connectors.base import OutgoingLead
from sync.connectors.csv_file import CsvConnector
from sync.errors import Unreachable
from sync.settings.csv_file import CsvSettings


def main(folder: Path) -> None:
    """Fill the stick, make room, pull it, plug in another."""
    stick = folder / "stick"
    stick.mkdir()
    settings = CsvSettings(str(stick), other_disk=True)
    assert "is not connected" in refused(settings, folder, leads()), "an empty place for a stick was taken for one"

    plug_in(stick)
    ballast = stick / "holiday.jpg"
    ballast.write_bytes(b"x" * 100_000)
    first, second = leads(), leads()
    push(settings, folder, first)
    assert refused(settings, folder, second).endswith("is full: free some space, or use another.")
    assert row_ids(stick) == ids(first), "half a file was left"

    ballast.unlink()
    push(settings, folder, [*first, *second])
    assert row_ids(stick) == ids(first + second), "a lead is missing, or there twice"

    subprocess.run(["umount", stick], check=True)
    assert "is not connected" in refused(settings, folder, leads()), "the stick was pulled, and nobody noticed"
    assert list(stick.iterdir()) == [], "something was written to the place of the stick"

    plug_in(stick)
    third = leads()
    push(settings, folder, third)
    assert row_ids(stick) == ids(third)
    sys.stdout.write("all is well\n")


def plug_in(stick: Path) -> None:
    """A stick of 128 kilobytes."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", stick], check=True)


def leads() -> list[OutgoingLead]:
    """Ten leads of two kilobytes."""
    return [OutgoingLead(str(uuid4()), 1, {"name": "Ana Lopez", "note": "x" * 2_000}) for _ in range(10)]


def ids(sent: list[OutgoingLead]) -> list[str]:
    """Their ids, in order."""
    return sorted(lead.id for lead in sent)


def row_ids(stick: Path) -> list[str]:
    """The ids on the stick, in order; nothing else may be there but the ballast."""
    found: list[str] = []
    for path in stick.iterdir():
        if path.name != "holiday.jpg":
            with path.open(encoding="utf-8-sig", newline="") as file:
                found += [row["lead_id"] for row in csv.DictReader(file)]
    return sorted(found)


def push(settings: CsvSettings, folder: Path, sent: list[OutgoingLead]) -> None:
    """One push by a kiosk that was just started."""

    async def run() -> None:
        connector = CsvConnector(settings, ConnectionContext(folder=folder))
        try:
            await connector.push(str(uuid4()), sent)
        finally:
            await connector.aclose()

    asyncio.run(run())


def refused(settings: CsvSettings, folder: Path, sent: list[OutgoingLead]) -> str:
    """What is said of a push that must fail."""
    try:
        push(settings, folder, sent)
    except Unreachable as fault:
        return str(fault)
    raise AssertionError("it was written")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
