"""`kiosk loadtest` and `kiosk demo` on the command line."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import cli
from kiosk.loadtest import throwaway_kiosk as own_module
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk

HEADER = [
    "PEOPLE", "CRM", "POSTS", "MEAN", "ms", "P50", "P95", "P99", "MAX", "FAILURES", "SAVED", "DELIVERED", "DUPLICATES",
    "PER", "SECOND",
]  # fmt: skip

ELSEWHERE = [
    "http://192.168.1.5:8770", "http://example.com:80", "https://127.0.0.1:8770", "http://127.0.0.1", "127.0.0.1:8770",
    "http://127.0.0.1.example.com:80", "http://0.0.0.0:8770", "http://127.0.0.1:8770/api", "http://[::1", "ftp://x",
    "",
]  # fmt: skip


def called(*command: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, command)


def test_it_prints_a_table_draws_a_chart_and_exits_0(tmp_path: Path) -> None:
    """A row for each run; the chart has the same numbers."""
    picture = tmp_path / "chart.svg"

    done = called("loadtest", "--people", "2", "--people", "4", "--posts", "2", "--chart", str(picture))

    header, first, second = done.stdout.splitlines()
    assert (done.exit_code, done.stderr) == (0, "")
    assert header.split() == HEADER
    assert [line.split()[:3] for line in (first, second)] == [["2", "fast", "4"], ["4", "fast", "8"]]
    assert [line.split()[8:12] for line in (first, second)] == [["0", "4", "4", "0"], ["0", "8", "8", "0"]]
    words = " ".join(ElementTree.fromstring(picture.read_text(encoding="utf-8")).itertext())
    assert "4 people at once, 8 posts" in words
    assert first.split()[7] in words


def test_an_unwritable_chart_file_is_refused_before_the_load(tmp_path: Path) -> None:
    """Nobody waits for results that are lost afterwards."""
    picture = tmp_path / "nowhere" / "chart.svg"

    done = called("loadtest", "--people", "1000", "--posts", "10", "--chart", str(picture))

    assert (done.exit_code, done.stdout) == (2, "")
    assert f"--chart: cannot write {picture}; choose an existing folder.\n" in done.stderr


def test_the_table_is_printed_even_if_the_chart_fails() -> None:
    """For example because the disk has filled up meanwhile."""
    done = called("loadtest", "--people", "1", "--posts", "1", "--chart", "/dev/full", "--force")

    assert done.stdout.splitlines()[0].split() == HEADER
    assert isinstance(done.exception, OSError)


def test_it_does_not_wait_for_a_crm_that_is_down() -> None:
    """Everything is saved and nothing delivered; that is not a failure, and it is reported."""
    done = called("loadtest", "--people", "3", "--posts", "1", "--crm", "down")

    failures, saved, delivered = done.stdout.splitlines()[1].split()[8:11]
    assert (done.exit_code, failures, saved, delivered) == (0, "0", "3", "0")
    assert "3 people: 3 were not in the CRM yet when the test ended.\n" in done.stdout


@pytest.mark.parametrize("url", ELSEWHERE)
def test_only_loopback_addresses_are_accepted(url: str) -> None:
    """Others get one sentence, and nothing is sent there."""
    done = called("loadtest", "--url", url, "--token", "x", "--people", "1")

    said = "Only a kiosk on this device can be load-tested: --url must look like http://127.0.0.1:8770."
    assert done.exit_code == 2
    assert done.stderr.endswith(f"\nError: {said}\n")


def test_a_running_kiosk_can_be_loaded_with_a_token(own: ThrowawayKiosk) -> None:
    """Otherwise the error says which token is needed."""
    address = f"http://127.0.0.1:{own.port}"

    good = called("loadtest", "--url", address, "--token", own.token, "--people", "2", "--posts", "1", "--json")
    bad = called("loadtest", "--url", address, "--token", "bk_no_such", "--people", "2")

    (found,) = json.loads(good.stdout)
    assert (good.exit_code, found["saved"], found["delivered"], found["failures"]) == (0, 2, 2, 0)
    assert (bad.exit_code, bad.stdout) == (1, "")
    assert "kiosk token new loadtest --role read" in bad.stderr


def test_a_kiosk_with_a_real_crm_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its CRM would get invented people."""
    (tmp_path / "out").mkdir()
    crm = '[crm]\nconnector = "csv"\n[crm.csv]\nfolder = "{folder}/out"\n'
    monkeypatch.setattr(own_module, "CONFIG_TEMPLATE", own_module.CONFIG_TEMPLATE + crm)
    earnest = ThrowawayKiosk(tmp_path)

    with earnest.run_command("serve") as said:
        done = called("loadtest", "--url", said.rpartition(" ")[2], "--token", earnest.token, "--people", "1")

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: That kiosk sends to a real CRM, which would get all these leads")


def test_an_address_without_a_kiosk_is_reported() -> None:
    """The error says what to start."""
    done = called("loadtest", "--url", "http://127.0.0.1:1", "--token", "x", "--people", "1")

    assert (
        done.exit_code,
        done.stderr,
    ) == (1, "Error: No kiosk answers at 127.0.0.1:1; start one with `kiosk serve`.\n")


def test_crm_applies_only_to_a_throwaway_kiosk() -> None:
    """A running kiosk has its own."""
    done = called("loadtest", "--url", "http://127.0.0.1:8770", "--crm", "slow")

    assert done.exit_code == 2
    assert "--crm does not work with --url" in done.stderr


def test_the_demo_shows_both_booths() -> None:
    """One booth is done with all visitors, and the other has a queue."""
    done = called("demo", "--badges", "12", "--pace", "0.02", "--seconds", "10", "--json")

    old, new = json.loads(done.stdout)
    assert (done.exit_code, old["arrived"], new["arrived"]) == (0, 12, 12)
    assert (len(new["waits"]), new["lost"], new["in_line"]) == (12, 0, 0)
    assert len(old["waits"]) + old["lost"] + old["in_line"] == 12
    assert old["in_line"] >= 6  # nobody gets through a CRM that takes 2 s faster than one each 2 s
    assert old["longest"] > 2 > max(new["waits"])
    assert (new["in_crm"], new["twice"]) == (12, 0)


def test_the_demo_ends_with_a_table() -> None:
    """Without a terminal it prints lines meanwhile."""
    done = called("demo", "--badges", "2", "--pace", "0.1", "--seconds", "1.5")

    lines = done.stdout.splitlines()
    assert (done.exit_code, lines[0]) == (0, "2 visitors, one every 0.1 s. The CRM takes 2 to 5 s per call.")
    assert next(line.split() for line in lines if line.startswith("saved")) == ["saved", "0", "2"]
    assert any(line.startswith("all visitors served after  not within 1.5 s") for line in lines)


def test_ctrl_c_ends_the_demo_with_its_table() -> None:
    """The table has the numbers so far."""
    command = [sys.executable, "-m", "kiosk", "demo", "--seconds", "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        begun = [process.stdout.readline(), process.stdout.readline()]
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()

    assert begun[1].startswith("   0 s   the old way: 0 saved")
    assert process.returncode == 0
    assert "all visitors served after  not within 100 s  not within 100 s\n" in rest
