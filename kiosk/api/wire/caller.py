"""The caller of a request: its device, after authentication, and its address."""

from typing import Any

from starlette.requests import Request

from data.devices import Device
from kiosk.api.wire.requests import ApiProblem


def require_role(request: Request, role: str) -> Device:
    """
    Return the calling device if it has the role *role*.

    Raises:
        ApiProblem: it does not.
    """
    device: Device = request.scope["device"]
    if not device.has_role(role):
        raise ApiProblem(403, f"This device may only {device.role}; that takes the role {role}.")
    return device


def get_client_address(scope: Any) -> str:
    """Return the caller's IP address; empty for a Unix socket."""
    return str(scope["client"][0]) if scope.get("client") else ""
