"""What routes read from a request: the calling device, its address, and the JSON body."""

from typing import Any

from starlette.requests import Request

from data.devices import Device
from kiosk.api.wire.json_codec import decode_json
from kiosk.api.wire.problems import ApiProblem


def require_role(request: Request, role: str) -> Device:
    """
    Return the calling device, which authentication put into the scope.

    Raises:
        ApiProblem: its role does not include *role*.
    """
    device: Device = request.scope["device"]
    if not device.has_role(role):
        raise ApiProblem(403, f"This device has the role {device.role}; this request needs the role {role}.")
    return device


def get_client_address(scope: Any) -> str:
    """Return the IP address of the caller; empty if the transport does not say."""
    return str(scope["client"][0]) if scope.get("client") else ""


async def read_json_body(request: Request) -> Any:
    """
    Read and decode the request's JSON.

    Raises:
        ApiProblem: it is not JSON.
    """
    try:
        return decode_json(await request.body())
    except ValueError as error:
        raise ApiProblem(400, f"The body is not valid JSON: {error}.") from None
