"""The dashboard, in a real Chromium."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data import outbox, pause
from data.clock import SystemClock
from data.store import open_store, write_transaction
from tests.kiosk.api.api import Api
from tests.kiosk.api.chromium import Chromium, Page, find_chromium
from tests.support.waiting import wait_until

PROGRAM = find_chromium()

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="THE DASHBOARD WAS NOT TESTED: there is no Chromium (apt install chromium)"
)

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "</script><svg onload=\"document.title='owned'\">",
    "&lt;b&gt; ${document.title='owned'} {{7*7}}",
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests; each test opens its own pages."""
    assert PROGRAM is not None
    found = Chromium(PROGRAM, tmp_path_factory.mktemp("chromium"))
    yield found
    found.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """An API that keeps its port after a restart."""
    found = Api(tmp_path).start()
    found.set_up(f"port = {found.url.rpartition(':')[2]}\n")
    yield found
    found.stop()


@pytest.fixture
def page(chromium: Chromium, api: Api) -> Iterator[Page]:
    """The dashboard, signed in with the role manage; afterwards the console must be clean."""
    found = chromium.page()
    sign_in(found, api, "manage")
    yield found
    assert found.complaints == []
    assert [url for url in found.asked if not url.startswith(f"{api.url}/")] == []


def sign_in(page: Page, api: Api, role: str) -> None:
    """Open the page and type a token."""
    page.go(f"{api.url}/numbers")
    page.until("document.activeElement.id === 'token'")
    page.type(api.token(role))
    page.press("Enter", 13)
    page.until("document.getElementById('waiting').textContent !== '–'")


def shows(page: Page, name: str, text: str) -> None:
    """Wait until the element with the id *name* shows *text*."""
    page.until(f"document.getElementById({json.dumps(name)}).innerText === {json.dumps(text)}")


def button(verb: str, name: str) -> str:
    """Return the selector of a lead's button."""
    return f'button[aria-label="{verb} {name}"]'


def lead(api: Api, name: str) -> str:
    """Post a contact and return the lead's id."""
    return str(api.post({"client_id": name, "name": name, "email": f"{name.lower()}@initech.example"}).json()["id"])


def test_the_numbers_change_when_a_lead_is_saved(page: Page, api: Api) -> None:
    """Without a reload the tiles, list, chart and verdict follow within seconds."""
    shows(page, "waiting", "0")
    shows(page, "pack", "YES")
    lead(api, "Ana")

    shows(page, "waiting", "1")
    shows(page, "pack", "NO")
    shows(page, "last-hour", "1")
    page.until("document.querySelector('#leads .who')?.innerText === 'Ana'")
    assert page.text("#chart .value") == "1"
    assert page.text("#link") == "live"


def test_a_lead_is_retried_discarded_and_restored(page: Page, api: Api) -> None:
    """From the list, with a reason for a discard; the device is recorded."""
    ana = lead(api, "Ana")
    with write_transaction(db := open_store(api.store)):
        outbox.park_lead(db, ana, 1, "rejected", "The CRM refused it.", SystemClock().wall_time())
    db.close()
    page.until("document.querySelector('section[data-state=\"needs you\"] .why')?.innerText === 'The CRM refused it.'")

    page.click(button("Retry", "Ana"))
    page.until("document.querySelector('section[data-state=waiting] .who')?.innerText === 'Ana'")
    assert page.text("#said") == "Ana is being sent."
    page.click(button("Discard", "Ana"))
    page.until("document.activeElement.id === 'reason'")
    page.type("a test <b>")
    page.press("Enter", 13)
    page.until("document.querySelector('section[data-state=discarded] .why')?.innerText === 'Discarded: a test <b>'")
    page.click(button("Restore", "Ana"))
    page.until("document.querySelector('section[data-state=waiting] .who')?.innerText === 'Ana'")

    told = [("retry", ""), ("discard", "a test <b>"), ("restore", "")]
    assert [(*one, "a manage device") for one in told] == api.rows("select verb, reason, operator from actions")


def test_a_cancelled_discard_changes_nothing(page: Page, api: Api) -> None:
    """It needs a reason, and Escape closes the dialog."""
    lead(api, "Ana")
    page.until(f"document.querySelector('{button('Discard', 'Ana')}')")

    page.click(button("Discard", "Ana"))
    page.until("document.getElementById('discard').open")
    page.press("Enter", 13)
    assert page.run("document.getElementById('discard').open")
    page.press("Escape", 27)
    page.until("!document.getElementById('discard').open")

    assert api.count("actions") == 0


def test_sync_now_wakes_the_worker(page: Page, api: Api) -> None:
    """The wake-up is in the worker's queue; no worker runs here."""
    with api.sender():
        page.click("#sync")

        shows(page, "said", "Trying now.")


def test_a_pause_is_shown_and_blocks_sync_now(page: Page, api: Api) -> None:
    """The page says since when and by whom; sync now and retry say the same until sending is resumed."""
    lead(api, "Ana")
    with closing(open_store(api.store)) as db:
        pause.pause_sending(db, "Bo <b>", SystemClock())
        page.until(
            "document.getElementById('sentence').innerText.includes('by Bo <b>. 1 lead waiting, safe on this device.')"
        )
        assert page.text("#crm").startswith("sending paused")
        assert page.text("#waiting-hint") == "sending is paused"
        page.until(f"document.querySelector('{button('Retry', 'Ana')}')")

        page.click(button("Retry", "Ana"))
        shows(page, "said", "Sending is paused; the lead is safe on this device.")
        page.click("#sync")
        page.until("document.getElementById('said').innerText.startsWith('Not tried. Sending has been paused since')")
        pause.resume_sending(db)
    forget_complaints(page)

    page.until("!document.getElementById('crm').innerText.includes('paused')")
    with api.sender():
        page.click("#sync")
        shows(page, "said", "Trying now.")


def test_names_are_shown_as_text_never_as_markup(page: Page, api: Api) -> None:
    """Markup from any source is shown literally and never executed."""
    for number, name in enumerate(HOSTILE):
        api.post({"client_id": str(number), "name": name, "company": name, "operator": name})
    api.call("GET", "/api/v1/sync/status", role="read")
    api.client("read", HOSTILE[0][:100]).close()

    page.until(f"document.querySelectorAll('#leads .who').length === {len(HOSTILE)}")
    page.until("document.querySelectorAll('#devices .name').length >= 3")

    assert set(page.run("[...document.querySelectorAll('#leads .who')].map(one => one.innerText)")) == set(HOSTILE)
    assert page.run("document.querySelectorAll('main img, main script, main b').length") == 0
    assert page.run("document.title") != "owned"


def test_a_lost_connection_is_shown_and_restored(page: Page, api: Api) -> None:
    """The page says how old its numbers are, and reconnects by itself with the same token."""
    lead(api, "Ana")
    shows(page, "waiting", "1")

    api.stop(signal.SIGKILL)
    page.until("document.getElementById('link').dataset.link === 'lost'")
    page.until("/last update \\d+ s ago/.test(document.getElementById('link').innerText)")
    assert page.text("#banner").startswith("No connection to the kiosk. These numbers are ")
    assert page.run("document.getElementById('board').dataset.stale") == "true"
    page.click(button("Retry", "Ana"))
    shows(page, "said", "No connection to the kiosk: nothing was changed. Try again.")
    api.start()
    page.until("document.getElementById('link').dataset.link === 'live'")
    page.until("document.getElementById('banner').hidden")
    lead(api, "Bob")
    shows(page, "waiting", "2")

    assert all("ERR_" in complaint for complaint in page.complaints), "that it was not there is no error of the page's"
    forget_complaints(page)


def test_a_frozen_kiosk_is_shown_as_lost(page: Page, api: Api) -> None:
    """The connection stays open but silent, and within seconds the page says since when."""
    os.kill(api.pid, signal.SIGSTOP)
    try:
        page.until("document.getElementById('link').dataset.link === 'lost'")
        assert not page.run("document.getElementById('banner').hidden")
    finally:
        os.kill(api.pid, signal.SIGCONT)
    page.until("document.getElementById('link').dataset.link === 'live'")
    forget_complaints(page)


def forget_complaints(page: Page) -> None:
    """Drop the console messages of connections that the test has broken itself."""
    assert all("net::ERR_" in complaint or "409" in complaint for complaint in page.complaints), page.complaints
    page.browser.events.clear()


def test_a_reload_keeps_the_token_and_another_tab_does_not_have_it(page: Page, chromium: Chromium, api: Api) -> None:
    """The token is only in this tab's session storage: not in a URL, a cookie, or local storage."""
    page.go(f"{api.url}/numbers")
    shows(page, "waiting", "0")

    token = api.token("manage")
    assert page.run("sessionStorage.getItem('booth-kiosk-token')") == token
    assert not [url for url in page.asked if token in url]
    assert (page.run("localStorage.length"), page.run("document.cookie")) == (0, "")
    other = chromium.page()
    other.go(f"{api.url}/numbers")
    other.until("document.activeElement.id === 'token'")


def test_a_token_that_may_only_read_shows_no_buttons(chromium: Chromium, api: Api) -> None:
    """The page says which role is needed."""
    lead(api, "Ana")
    page = chromium.page()
    sign_in(page, api, "read")
    page.until("document.querySelector('#leads .who')?.innerText === 'Ana'")

    assert "--role manage" in page.text("#reader")
    assert page.run("[...document.querySelectorAll('#board button')].filter(one => one.offsetParent).length") == 0


@pytest.mark.parametrize("role", ["", "post"])
def test_a_refused_token_is_asked_for_again(chromium: Chromium, api: Api, role: str) -> None:
    """The error is shown, and the field has the focus."""
    page = chromium.page()
    page.go(f"{api.url}/numbers")
    page.until("document.activeElement.id === 'token'")
    page.type(api.token(role) if role else "bk_12345678_wrong")
    page.press("Enter", 13)

    page.until("document.getElementById('token-error').innerText !== ''")
    assert ("has the role post" if role else "A valid token is needed") in page.text("#token-error")
    assert page.run("document.activeElement.id") == "token"
    assert page.run("document.getElementById('board').hidden && sessionStorage.length === 0")


@pytest.mark.parametrize(("wide", "high"), [(1440, 900), (390, 844), (320, 600)])
def test_nothing_overflows_the_window(chromium: Chromium, api: Api, wide: int, high: int) -> None:
    """From a wall screen to the smallest phone there is no sideways scrolling, and buttons are large enough."""
    api.post({"client_id": "1", "name": "Ana" * 60, "company": "x" * 200, "email": "ana@initech.example"})
    page = chromium.page(wide, high, phone=wide < 500)
    sign_in(page, api, "manage")
    page.until("document.querySelector('#leads .who')")

    assert wide >= page.run("document.documentElement.scrollWidth")
    heights = page.run(
        "[...document.querySelectorAll('button')].filter(one => one.offsetParent).map(one => one.offsetHeight)"
    )
    assert heights and min(heights) >= 40


def test_everything_has_an_accessible_name_and_keyboard_focus(page: Page, api: Api) -> None:
    """No button, field or image is without a name, and Tab reaches every button."""
    lead(api, "Ana")
    page.until(f"document.querySelector('{button('Retry', 'Ana')}')")
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in ("button", "textbox", "image", "heading", "link")
    }

    assert ("button", "Retry Ana") in named and ("button", "Sync now") in named
    assert not [role for role, name in named if not name]
    reached = set()
    for _ in range(12):
        page.press("Tab", 9)
        reached.add(page.run("document.activeElement.innerText"))
    assert {"Sync now", "Retry", "Discard", "Sign out"} <= reached


def test_the_api_reference_loads_without_errors(chromium: Chromium, api: Api) -> None:
    """It obeys the same policy and loads nothing from other origins."""
    page = chromium.page()
    page.go(f"{api.url}/docs")

    assert "POST /api/v1/contacts" in page.text("main")
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith(f"{api.url}/")] == []


def test_a_forgotten_token_is_gone(page: Page, api: Api) -> None:
    """The stream ends, so that the next person at this tab sees no numbers."""
    page.click("#leave")

    page.until("document.activeElement.id === 'token'")
    assert page.run("document.getElementById('board').hidden && sessionStorage.length === 0")
    wait_until(lambda: not page.run("document.body.dataset.role"))
