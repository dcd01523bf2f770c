"""A device fetches its token with a code that the kiosk showed: good once, and for minutes."""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import devices
from kiosk.intake.answers import body_of, json
from kiosk.intake.body import SOMETHING, Problem, converted
from kiosk.intake.door import caller
from kiosk.intake.parts import Parts


class Pair(Struct, forbid_unknown_fields=True):
    """What a device says that scanned the code."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=SOMETHING)] = "device"


class Pairing:
    """`POST /api/v1/pair`."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.routes = [Route("/api/v1/pair", self.pair, methods=["POST"])]

    async def pair(self, request: Request) -> Response:
        """The token, once."""
        asked, clock = converted(await body_of(request), Pair), self.parts.clock
        strangers, host = request.scope["strangers"], caller(request.scope)
        # Looked up before anything is written: wrong codes cost no flush, and a right one is never slowed by them.
        token = None
        if self.parts.look(lambda db: devices.is_offered(db, asked.code, clock)):
            token = await self.parts.writer.do(lambda db: devices.pair_inside(db, asked.code, asked.name, clock))
        if token is None:
            strangers.look(host)
            strangers.failed(host)
            raise Problem(403, "This code is no good any more: show a new one with `kiosk token pair`.", field="code")
        return json({"token": token}, 201)
