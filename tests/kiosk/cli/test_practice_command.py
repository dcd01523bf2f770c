"""`kiosk practice-crm`: a CRM to practise with, and to see each trouble before the show."""

import json
import signal
import subprocess
import urllib.request

import pytest

from sync.practice_address import read_address
from sync.practice_crm.remote import read_faults
from tests.kiosk.cli.conftest import Kiosk


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("dealy=3", "There is no fault 'dealy': did you mean delay?"),
        ("dow", "There is no fault 'dow': did you mean down?"),
        ("delay=5-2", "The fault delay cannot be '5-2': it takes seconds up to 600, or a range such as delay=2-5."),
        ("xyzzy", "There is no fault 'xyzzy': choose from "),
    ],
)
def test_a_fault_that_is_none_is_named_with_the_nearest(kiosk: Kiosk, fault: str, sentence: str) -> None:
    """Status 2; nothing is started."""
    done = kiosk("practice-crm", "--fault", fault)

    assert done.exit_code == 2
    assert f"Error: {sentence}" in done.stderr
    assert list(kiosk.folder.iterdir()) == [kiosk.config]


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_a_mistake_of_the_command(kiosk: Kiosk, port: str) -> None:
    """Status 2."""
    assert kiosk("practice-crm", "--port", port).exit_code == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_answers_misbehaves_as_asked_and_ends_quietly(kiosk: Kiosk, how: signal.Signals) -> None:
    """Status 0, without a traceback."""
    process = kiosk.start("practice-crm", "--fault", "delay=0-0.01", "--fault", "login_page")
    line = process.stdout.readline()
    url = line.removeprefix("Practice CRM running at ").strip()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    address = json.loads((kiosk.settings.folder / "practice-crm.json").read_text())
    request = urllib.request.Request(
        f"{url}/api/v1/contacts", b"{}", {"Authorization": f"Bearer {address['token']}"}, method="POST"
    )
    with opener.open(request, timeout=30) as answer:
        page = answer.read()

    process.send_signal(how)
    output, errors = process.communicate(timeout=30)

    assert url.startswith("http://127.0.0.1:")
    assert b"Sign in to use the WiFi" in page
    assert (process.returncode, output, errors) == (0, "", "")
    assert address["token"] not in line


def faults_of(kiosk: Kiosk) -> dict[str, object]:
    """Return the current faults of the practice CRM."""
    return read_faults(read_address(kiosk.settings.folder))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_one_that_runs_already_misbehaves_until_the_second_command_ends(kiosk: Kiosk, how: signal.Signals) -> None:
    """Then its earlier faults apply again; no second practice CRM is ever started."""
    first = kiosk.start("practice-crm", "--fault", "delay=0-0.01")
    first.stdout.readline()
    address, before = read_address(kiosk.settings.folder), faults_of(kiosk)

    second = kiosk.start("practice-crm", "--fault", "off", "--fault", "delay=0.02")  # `off` is the old name of `down`
    said = [second.stdout.readline(), second.stdout.readline()]
    meanwhile = faults_of(kiosk)
    second.send_signal(how)
    output, errors = second.communicate(timeout=30)
    after = faults_of(kiosk)
    first.terminate()
    first.communicate(timeout=30)

    assert said[0] == f"A practice CRM is already running at {address.url}\n"
    assert said[1] == "Faults active: delay, down. Press Ctrl-C to end them.\n"
    assert {**before, "down": True, "delay": [0.02, 0.02]} == meanwhile
    assert (second.returncode, output, errors) == (0, "The practice CRM works normally again.\n", "")
    assert before == after
    assert read_address(kiosk.settings.folder) == address


def test_one_that_runs_already_is_reported(kiosk: Kiosk) -> None:
    """Without a fault there is nothing to do."""
    first = kiosk.start("practice-crm")
    first.stdout.readline()

    done = kiosk("practice-crm")
    first.terminate()
    first.communicate(timeout=30)

    assert (done.exit_code, done.stdout.startswith("A practice CRM is already running at http://127.0.0.1:")) == (
        0,
        True,
    )


def test_that_of_the_kiosk_waits_for_one_that_was_started_by_hand(kiosk: Kiosk) -> None:
    """It takes over when that one ends, so a folder never has more than one."""
    first = kiosk.start("practice-crm", "--fault", "down")
    first.stdout.readline()

    second = kiosk.start("practice-crm", "--with-parent", stdin=subprocess.PIPE)
    still_down = faults_of(kiosk)["down"]
    first.terminate()
    first.communicate(timeout=30)
    line = second.stdout.readline()
    well = faults_of(kiosk)["down"]
    second.communicate(timeout=30)

    assert (still_down, well) == (True, False)
    assert line.startswith("Practice CRM running at ")
