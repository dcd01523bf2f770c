"""The server as a process: started and restarted by the kiosk, only one at a time; sync now reaches the worker."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import IO

import httpx
import pytest

from tests.kiosk.api.api import ROOT, Api
from tests.support.kiosk_processes import Kiosks, children, demo
from tests.support.waiting import wait_until


def test_a_second_server_is_refused(api_with: Callable[..., Api]) -> None:
    """On the same folder, and on the same port; the first keeps running."""
    api = api_with().start()
    again = subprocess.run(serve(api), cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    port = httpx.URL(api.url).port
    elsewhere = api.folder / "elsewhere"
    elsewhere.mkdir()
    other = Api(elsewhere, f"port = {port}")
    taken = subprocess.run(serve(other), cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    assert (again.returncode, again.stderr) == (1, "Error: The API is already being served on this device.\n")
    assert taken.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in taken.stderr
    assert api.post({"name": "Fir St"}).status_code == 201


def serve(api: Api) -> list[str]:
    """Return the command that starts the server."""
    return [sys.executable, "-m", "kiosk", "--config", str(api.config), "serve"]


def test_a_server_can_start_after_one_was_killed(api_with: Callable[..., Api]) -> None:
    """The lock ends with its holder."""
    api = api_with().start()
    api.stop(signal.SIGKILL)

    assert api.start().post({"name": "Se Cond"}).status_code == 201


def test_the_kiosk_starts_the_server_and_starts_it_again(kiosks_with: Callable[[str], Kiosks]) -> None:
    """`[api] enabled = true` is enough; the server ends with the kiosk."""
    booth = kiosks_with(f"{demo(1000, 0.5)}\n[api]\nenabled = true\nport = 0\n")
    kiosk = booth.run()
    log = booth.practice / "intake.log"

    def urls() -> list[str]:
        return re.findall(r"Accepting leads at (\S+)", log.read_text()) if log.exists() else []

    def servers() -> list[int]:
        return [pid for pid, command in children(kiosk.pid).items() if " serve " in command]

    wait_until(lambda: len(urls()) == 1)
    assert httpx.get(f"{urls()[0]}/readyz", trust_env=False).status_code == 200
    first = servers()
    os.kill(first[0], signal.SIGKILL)
    wait_until(lambda: len(urls()) == 2)
    assert httpx.get(f"{urls()[1]}/readyz", trust_env=False).status_code == 200
    assert servers() != first
    kiosk.terminate()
    kiosk.wait(60)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{urls()[1]}/healthz", trust_env=False)


def test_sync_now_reaches_the_worker(api_with: Callable[..., Api]) -> None:
    """A worker delivers what was posted, the status says so, and sync now tries although the gate is closed."""
    api = api_with().start()
    log = (api.folder / "worker.log").open("ab")
    worker, crm = started(api, log, "worker"), None
    try:
        api.post({"client_id": "s-1", "name": "Sy Nc", "email": "sync@x.example"})

        def status() -> dict[str, object]:
            return dict(api.call("GET", "/api/v1/sync/status", role="read").json())

        wait_until(lambda: bool(status()["cause"]))
        assert tuple(status()[key] for key in ("waiting", "delivered", "sender_runs")) == (1, 0, True)
        crm = started(api, log, "practice-crm", "--port", "0")
        wait_until((api.folder / "practice" / "practice-crm.json").exists)
        asked = time.monotonic()
        answers = []
        wait_until(lambda: tried(api, answers) and status()["delivered"] == 1)

        assert set(answers) == {202}
        lead = api.call("GET", "/api/v1/contacts/s-1").json()
        assert (lead["state"], bool(lead["remote_id"] and lead["delivered_at"])) == ("delivered", True)
        assert status()["waiting"] == 0
        assert time.monotonic() - asked < 60
    finally:
        for process in (worker, crm):
            if process is not None:
                process.terminate()
                process.wait(60)
        log.close()


def started(api: Api, log: IO[bytes], *command: str) -> subprocess.Popen[bytes]:
    """Start another process of the kiosk."""
    arguments = [sys.executable, "-m", "kiosk", "--config", str(api.config), *command]
    return subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def tried(api: Api, answers: list[int]) -> bool:
    """Request *sync now* and record the status."""
    answers.append(api.call("POST", "/api/v1/sync").status_code)
    time.sleep(0.5)
    return True
