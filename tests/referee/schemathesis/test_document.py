"""Schemathesis reads the API's document and tries whatever it says, and the contrary, on a server that runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.api.api import Api

pytestmark = [pytest.mark.referee, pytest.mark.timeout(600)]

HERE = Path(__file__).parent

TRIES = 40
"""Of each kind, for each endpoint; half a minute altogether."""

NO_LIMITS = "import kiosk.api.wire.throttle as throttle; throttle.MAX_FAILURES = 10**9"
"""It tries many wrong tokens, all from the address from which it calls with the right one."""


def test_schemathesis_finds_no_violation(tmp_path: Path) -> None:
    """Neither a server error, nor an answer that is not in the document, nor bad data taken or good data refused."""
    api = Api(tmp_path, "calls_per_second = 100000.0\n").start(NO_LIMITS)
    api.post({"client_id": "phone/1", "name": "Ana", "email": "ana@initech.example"})
    command = [
        str(Path(sys.executable).with_name("st")), f"--config-file={HERE / 'schemathesis.toml'}", "run",
        f"{api.url}/openapi.json", "--header", f"Authorization: Bearer {api.token()}", "--no-color",
        f"--max-examples={TRIES}", "--max-failures=20", "--suppress-health-check=all",
        "--exclude-path=/api/v1/events",  # it never ends; test_events.py listens to it
    ]  # fmt: skip

    try:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=500)
    finally:
        api.stop()

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 1000  # type: ignore[index]
    assert "Traceback" not in api.log
