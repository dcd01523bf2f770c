"""Speaking to a practice CRM that runs already: how it misbehaves, changed from a second terminal."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from sync.practice_address import PracticeAddress

_TIMEOUT_SECONDS = 10.0

_DIRECT_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""No proxy stands between two programs of this device."""


def read_faults(address: PracticeAddress) -> dict[str, Any]:
    """
    How the practice CRM at *address* misbehaves.

    Raises:
        OSError: it does not answer.
    """
    return send_request(address, "GET", None)


def change_faults(address: PracticeAddress, faults: Mapping[str, Any]) -> dict[str, Any]:
    """
    Have it misbehave otherwise; what is not named in *faults* stays. Returns all its faults.

    Raises:
        OSError: it does not answer.
    """
    return send_request(address, "PUT", json.dumps(dict(faults)).encode())


def send_request(address: PracticeAddress, method: str, body: bytes | None) -> dict[str, Any]:
    """One call."""
    headers = {"Authorization": f"Bearer {address.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address.url}/faults", body, headers, method=method)
    with _DIRECT_OPENER.open(request, timeout=_TIMEOUT_SECONDS) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
