"""Reads and changes the faults of a practice CRM that is running, from another terminal."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from sync.practice_address import PracticeAddress

_TIMEOUT_SECONDS = 10.0

# Both programs are on this device: no proxy may come between them.
_DIRECT_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def read_faults(address: PracticeAddress) -> dict[str, Any]:
    """
    Return the faults of the practice CRM at *address*.

    Raises:
        OSError: it does not answer.
    """
    return _send_request(address, "GET", None)


def change_faults(address: PracticeAddress, faults: Mapping[str, Any]) -> dict[str, Any]:
    """
    Change the faults that *faults* names; return all faults.

    Raises:
        OSError: it does not answer.
    """
    return _send_request(address, "PUT", json.dumps(dict(faults)).encode())


def _send_request(address: PracticeAddress, method: str, body: bytes | None) -> dict[str, Any]:
    """Make one call, and return the JSON of the response."""
    headers = {"Authorization": f"Bearer {address.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address.url}/faults", body, headers, method=method)
    with _DIRECT_OPENER.open(request, timeout=_TIMEOUT_SECONDS) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
