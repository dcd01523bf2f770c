"""`kiosk practice-crm`: a CRM to practise with, and to see each trouble before the show."""

import json
import signal
import urllib.request

import pytest


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("dealy=3", "There is no fault 'dealy': did you mean delay?"),
        ("of", "There is no fault 'of': did you mean off?"),
        ("delay=5-2", "The fault delay cannot be '5-2': it takes seconds up to 600, or a range such as 2-5."),
        ("xyzzy", "There is no fault 'xyzzy': there are delay, fail, "),
    ],
)
def test_a_fault_that_is_none_is_named_with_the_nearest(kiosk, fault: str, sentence: str) -> None:
    """Status 2, and nothing was started."""
    done = kiosk("practice-crm", "--fault", fault)

    assert 2 == done.exit_code
    assert f"Error: {sentence}" in done.stderr
    assert [kiosk.config] == list(kiosk.folder.iterdir())


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_a_mistake_of_the_command(kiosk, port: str) -> None:
    """Status 2."""
    assert 2 == kiosk("practice-crm", "--port", port).exit_code


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_answers_misbehaves_as_told_and_ends_quietly(kiosk, how: signal.Signals) -> None:
    """Status 0, and no traceback."""
    process = kiosk.start("practice-crm", "--fault", "delay=0-0.01", "--fault", "login_page")
    line = process.stdout.readline()
    url = line.removeprefix("The practice CRM answers at ").strip()
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
    assert (0, "", "") == (process.returncode, output, errors)
    assert address["token"] not in line
