"""A booth whose alerts are posted to a receiver on loopback, and what it received."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.store import open_store
from kiosk.config.load import Settings, load_settings
from kiosk.scanning.capture import Capture
from sync.wake import request_drain
from tests.support.clock import FakeClock
from tests.support.kiosk_processes import Kiosks
from tests.support.waiting import became_true, wait_until
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer

SECRET = "a secret of some length"


class Receiver(ScriptedServer):
    """A receiver that checks signatures, as docs/webhook.md says, and accepts."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # they hang up when they like
        self.respond = self.take
        self.heard: list[dict[str, Any]] = []

    def take(self, asked: ReceivedRequest) -> ScriptedResponse:
        """Keep an alert that is signed correctly; refuse any other."""
        signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
        digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
        if asked.headers.get("webhook-signature", "") != f"v1,{b64encode(digest).decode()}":
            return ScriptedResponse({"error": "wrong signature"}, 401)
        self.heard.append(json.loads(asked.body))
        return ScriptedResponse({"ok": True})

    @property
    def story(self) -> list[tuple[str, str]]:
        """What was raised and what was over, in the order in which it was received."""
        return [(alert["cause"], alert["state"]) for alert in self.heard]

    def hears(self, *story: tuple[str, str]) -> bool:
        """Return whether it receives exactly this within the time limit."""
        return became_true(lambda: self.story == list(story))


class Alerted(Kiosks):
    """Kiosks and workers that post alerts to a receiver; only what a test asks for is wrong."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.receiver = Receiver()
        self.configure()

    def configure(self, more: str = "", **alerts: Any) -> None:
        """Write kiosk.toml again, for processes that are started after that."""
        values = {
            "disk_free_mb": 0,
            "webhook_url": f"{self.receiver.url}/alerts",
            "webhook_secret_env": "BOOTH_TEST_SECRET",
            **alerts,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        practice = f'data.folder = "{self.folder}"\npractice.port = 0\n{more}\n[alerts]\n'
        self.config.write_text(practice + "\n".join(lines), encoding="utf-8")

    @property
    def settings(self) -> Settings:
        """The settings that kiosk.toml has now."""
        return load_settings(self.config)

    def worker(self, patch: str = "pass") -> Any:
        """Start a worker, with a line of Python before it."""
        return self.run_patched(patch, "worker")

    def kill(self, process: Any) -> None:
        """Kill *process* once it has recorded what it posted; otherwise it would post that again, with the same key."""
        told = "select count(told_at) + count(told_over_at) from alerts"
        wait_until(lambda: self.rows(told) == [(len(self.receiver.heard),)])
        process.kill()
        process.wait(30)

    def scan(self, *names: str) -> None:
        """Show badges, and wake the worker."""
        settings = self.settings
        capture = Capture(settings.database_file, settings.event, settings.badges, FakeClock())
        for name in names:
            payload = f"MECARD:N:{name};EMAIL:{name.lower()}@x.example;;"
            assert capture.save_payload(payload.encode(), payload, "qr", "camera").is_saved
        capture.db.close()
        request_drain(settings.queue_file)


@pytest.fixture
def booth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alerted]:
    """A booth with a receiver."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", SECRET)
    made = Alerted(tmp_path)
    made.practice.mkdir(mode=0o700)
    open_store(made.settings.database_file).close()  # evaluating the alerts creates no database
    yield made
    made.end_all()
    made.receiver.stop()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that a time server sets."""
    return FakeClock()
