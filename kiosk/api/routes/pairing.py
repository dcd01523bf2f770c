"""A device fetches its token with a code that the kiosk showed: good once, and for minutes."""


from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import devices
from kiosk.api.context import ApiContext
from kiosk.api.wire.caller import get_client_address
from kiosk.api.wire.problems import json_response, read_json_body
from kiosk.api.wire.requests import ApiProblem, PairRequest, convert_document


class PairingRoutes:
    """`POST /api/v1/pair`."""

    def __init__(self, parts: ApiContext) -> None:
        self.context = parts
        self.routes = [Route("/api/v1/pair", self.pair_device, methods=["POST"])]

    async def pair_device(self, request: Request) -> Response:
        """The token, once."""
        asked, clock = convert_document(await read_json_body(request), PairRequest), self.context.clock
        strangers, host = request.scope["strangers"], get_client_address(request.scope)
        # Looked up before anything is written: wrong codes cost no flush, and a right one is never slowed by them.
        token = None
        if self.context.look_up(lambda db: devices.is_pairing_open(db, asked.code, clock)):
            token = await self.context.writer.submit_work(
                lambda db: devices.redeem_pairing_code(db, asked.code, asked.name, clock)
            )
        if token is None:
            strangers.look(host)
            strangers.failed(host)
            raise ApiProblem(
                403, "This code is no good any more: show a new one with `kiosk token pair`.", field="code"
            )
        return json_response({"token": token}, 201)
