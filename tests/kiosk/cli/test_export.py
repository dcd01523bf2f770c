"""`kiosk export`: the leads as a file, for its owner only and harmless in a spreadsheet."""

import csv
import json

import pytest

from tests.kiosk.cli.conftest import ANA, Kiosk

EVIL = 'MECARD:N:=HYPERLINK("http\\://evil.example");EMAIL:eve@x.example;;'


def test_a_csv_is_safe_to_open_and_for_its_owner_only(kiosk: Kiosk) -> None:
    """No cell is a formula, whatever the badge said."""
    kiosk.scan(EVIL)
    path = kiosk.folder / "leads.csv"

    done = kiosk("export", str(path))

    with path.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (done.exit_code, done.stdout) == (0, f"1 lead written to {path}.\n")
    assert row["name"].startswith("'=HYPERLINK")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("suffix", "start"), [("json", b"[\n"), ("vcf", b"BEGIN:VCARD\r\n"), ("CSV", b"\xef\xbb\xbf")])
def test_the_name_says_the_format(kiosk: Kiosk, suffix: str, start: bytes) -> None:
    """The file name's ending counts, in capitals too."""
    kiosk.scan(ANA)
    path = kiosk.folder / f"leads.{suffix}"

    assert kiosk("export", str(path)).exit_code == 0
    assert path.read_bytes().startswith(start)
    assert b"Lopez" in path.read_bytes()


def test_only_leads_in_the_states_that_are_named(kiosk: Kiosk) -> None:
    """Several states are allowed; JSON output has the number of leads."""
    kiosk.scan(ANA)
    kiosk.scan("PZD97WTMFJ")
    path = kiosk.folder / "leads.json"

    told = kiosk.json("export", str(path), "--state", "needs you", "--state", "discarded")

    assert {"file": str(path), "leads": 1} == told
    assert [lead["badge_id"] for lead in json.loads(path.read_bytes())] == ["PZD97WTMFJ"]


def test_a_name_without_a_format_is_a_mistake_of_the_command(kiosk: Kiosk) -> None:
    """Status 2, with the formats; nothing is written."""
    done = kiosk("export", str(kiosk.folder / "leads.xlsx"))

    assert done.exit_code == 2
    assert "Error: leads.xlsx: the name must end in .csv, .json or .vcf.\n" in done.stderr
    assert not (kiosk.folder / "leads.xlsx").exists()


def test_a_place_that_cannot_be_written_is_a_sentence(kiosk: Kiosk, powerless: list[str]) -> None:
    """Status 1; an existing file stays as it was."""
    kiosk.scan(ANA)
    closed = kiosk.folder / "closed"
    closed.mkdir()
    (closed / "leads.csv").write_text("yesterday's")
    closed.chmod(0o500)

    done = kiosk.run("export", str(closed / "leads.csv"), "--force", prefix=powerless)
    nowhere = kiosk("export", str(kiosk.folder / "nowhere" / "leads.csv"))

    assert (
        done.returncode, done.stdout, done.stderr
    ) == (1, "", f"Error: Cannot write {closed}/leads.csv (Permission denied).\n")  # fmt: skip
    assert (closed / "leads.csv").read_text() == "yesterday's"
    assert (nowhere.exit_code, nowhere.stderr) == (
        1,
        f"Error: Cannot write {kiosk.folder}/nowhere/leads.csv (No such file or directory).\n",
    )
