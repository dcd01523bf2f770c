"""Node-RED, a real program that receives webhooks, judges ours: it checks the signature and counts the leads."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from data.clock import SystemClock
from data.store import Store, open_store
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.scanning.capture import Capture
from sync.connectors.base import Outcome, OutgoingLead
from sync.connectors.webhook import WebhookConnector
from sync.drain import Drain
from sync.errors import CrmDown, LoginPage, NotAuthorised
from sync.settings.webhook import WebhookSettings

pytestmark = pytest.mark.referee

HERE = Path(__file__).parent

PATIENCE = 60.0
"""Seconds for it to start."""

SECRET = "what only the two of us know"


@pytest.fixture(scope="module")
def node_red(program: Callable[[str, str], list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Node-RED with our flow, in a folder of its own."""
    command, folder = program("node-red", "node-red"), tmp_path_factory.mktemp("node-red")
    for name in ("flow.json", "settings.js"):
        shutil.copy(HERE / name, folder)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    where = ["--userDir", os.fspath(folder), "--settings", os.fspath(folder / "settings.js"), "--port", str(port)]
    environment = {**os.environ, "HOME": os.fspath(folder), "BOOTH_WEBHOOK_SECRET": SECRET}
    with (folder / "node-red.log").open("w") as log:
        process = subprocess.Popen(
            [*command, *where, os.fspath(folder / "flow.json")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process, folder / "node-red.log")
            yield url
        finally:
            process.terminate()
            process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the flow answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"{url}/kept", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.1)


@pytest.fixture
def settings(node_red: str, monkeypatch: pytest.MonkeyPatch) -> WebhookSettings:
    """How it is spoken to, signed."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", SECRET)
    made = WebhookSettings(f"{node_red}/leads", secret_env="BOOTH_TEST_SECRET", batch_size=20)
    made.check()
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The database of a kiosk with fifty leads, of badges as they are scanned."""
    path = tmp_path / "kiosk.db"
    capture = Capture(path, EventSettings(), BadgeProfile(), SystemClock(), lambda: None)
    for number in range(50):
        card = f"BEGIN:VCARD\nFN:Zoë 株式会社 {number}\nEMAIL:v{number}@example.com\nNOTE:{'é' * 100}\nEND:VCARD"
        assert capture.save_payload(card.encode(), card, "qr", "camera").is_saved
    db = open_store(path)
    yield db
    db.close()


def drain(db: Store, settings: WebhookSettings) -> Any:
    """One run."""

    async def run() -> Any:
        connector = WebhookConnector(settings)
        try:
            return await Drain(db, connector, SystemClock()).run(now=True)
        finally:
            await connector.aclose()

    return asyncio.run(run())


def kept(node_red: str) -> dict[str, Any]:
    """What it has."""
    found: dict[str, Any] = httpx.get(f"{node_red}/kept", trust_env=False).json()
    return found


def saved(db: Store) -> dict[str, str]:
    """The leads of the kiosk: their ids and names."""
    return {row["id"]: row["name"] for row in db.execute("select id, name from leads")}


def delivered(db: Store) -> dict[str, str]:
    """The delivered leads, and their remote ids."""
    rows = db.execute("select lead_id, remote_id from outbox where state = 'delivered'")
    return {row["lead_id"]: row["remote_id"] for row in rows}


def test_all_leads_of_a_drain_arrive_and_their_signature_is_right(
    node_red: str, settings: WebhookSettings, store: Store
) -> None:
    """Each once, with every character of its name, by Node's own HMAC."""
    before = kept(node_red)["batches"]

    summary = drain(store, settings)

    there = {lead: found for lead, found in kept(node_red)["leads"].items() if lead in saved(store)}
    assert 50 == summary.delivered == len(saved(store))
    assert saved(store) == {lead: found["name"] for lead, found in there.items()}
    assert {found["times"] for found in there.values()} == {1}
    assert kept(node_red)["batches"] - before == 3
    assert saved(store).keys() == delivered(store).keys()


def test_a_wrong_signature_is_noticed(
    node_red: str, settings: WebhookSettings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken, and the gate waits for a person."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", "what somebody else knows")

    summary = drain(store, settings)

    assert (0, NotAuthorised.cause) == (summary.delivered, summary.gate.cause)
    assert not saved(store).keys() & kept(node_red)["leads"].keys()


def test_its_answer_to_what_is_too_large_is_understood(node_red: str, settings: WebhookSettings, store: Store) -> None:
    """It says 500 to that, in plain text, like to anything that is malformed: the batch is halved until it fits."""
    small = replace(settings, url=f"{node_red}/small")
    with pytest.raises(CrmDown):
        push(small, [OutgoingLead("large", 1, {"note": "x" * 5000})])

    summary = drain(store, small)

    assert summary.delivered == 50
    assert {lead: f"NR-{lead}" for lead in saved(store)} == delivered(store)


def test_its_default_response_is_proof_only_if_kiosk_toml_says_so(node_red: str, settings: WebhookSettings) -> None:
    """Node-RED calls a text HTML."""
    word, ana = replace(settings, url=f"{node_red}/word"), OutgoingLead("ana", 1, {"name": "Ana"})

    with pytest.raises(LoginPage):
        push(word, [ana])

    assert list(push(replace(word, proof="any answer"), [ana])) == ["ana"]


def test_a_malformed_call_is_refused_as_documented(node_red: str) -> None:
    """This is what the fault of the practice CRM imitates."""
    answer = httpx.post(
        f"{node_red}/small", content=b"{", headers={"Content-Type": "application/json"}, trust_env=False
    )

    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_check_is_answered_like_any_batch(settings: WebhookSettings) -> None:
    """Without a lead in it."""

    async def check() -> list[Any]:
        connector = WebhookConnector(settings)
        try:
            return await connector.check_setup()
        finally:
            await connector.aclose()

    (finding,) = asyncio.run(check())
    assert (finding.is_well, finding.sentence) == (True, "The webhook responds correctly. Calls are signed.")


def push(settings: WebhookSettings, leads: list[OutgoingLead]) -> dict[str, Outcome]:
    """One push."""

    async def run() -> dict[str, Outcome]:
        connector = WebhookConnector(settings)
        try:
            return await connector.push("batch-1", leads)
        finally:
            await connector.aclose()

    return asyncio.run(run())
