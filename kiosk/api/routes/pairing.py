"""Pairing: a device exchanges a code that the kiosk shows for a token. A code works once, and for a few minutes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import devices
from kiosk.api.context import ApiContext
from kiosk.api.wire.caller import get_client_address, read_json_body
from kiosk.api.wire.json_codec import json_response
from kiosk.api.wire.problems import ApiProblem
from kiosk.api.wire.requests import PairRequest, convert_document
from kiosk.api.wire.throttle import SignInThrottle


class PairingRoutes:
    """`POST /api/v1/pair`."""

    def __init__(self, context: ApiContext, throttle: SignInThrottle) -> None:
        self.context = context
        self.throttle = throttle
        self.routes = [Route("/api/v1/pair", self.pair_device, methods=["POST"])]

    async def pair_device(self, request: Request) -> Response:
        """Exchange a pairing code for a token, which is never shown again."""
        pairing, clock = convert_document(await read_json_body(request), PairRequest), self.context.clock
        token = None
        # Read before writing, so that wrong codes cost no flush, and the throttle never holds up a valid code.
        if self.context.look_up(lambda db: devices.is_pairing_open(db, pairing.code, clock)):
            token = await self.context.group_commit.submit_work(
                lambda db: devices.redeem_pairing_code(db, pairing.code, pairing.name, clock)
            )
        if token is None:
            address = get_client_address(request.scope)
            self.throttle.check_allowed(address)
            self.throttle.record_failure(address)
            raise ApiProblem(
                403, "This code is not valid any more. Show a new one with `kiosk token pair`.", field="code"
            )
        return json_response({"token": token}, 201)
