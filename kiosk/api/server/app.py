"""The API as an application: its endpoints, behind its door."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from data import devices
from data.devices import Device
from kiosk.api.context import ApiContext
from kiosk.api.routes.actions import ActionRoutes
from kiosk.api.routes.contacts import ContactRoutes
from kiosk.api.routes.events import EventBroadcaster
from kiosk.api.routes.health import HealthRoutes
from kiosk.api.routes.pages import PageRoutes
from kiosk.api.routes.pairing import PairingRoutes
from kiosk.api.routes.status import StatusReader
from kiosk.api.server.authentication import Authenticator
from kiosk.api.server.last_seen import LastSeenRecorder
from kiosk.api.wire.problems import handle_error, problem_response
from kiosk.api.wire.requests import ApiProblem
from kiosk.api.wire.routing import merge_by_path

_SHUTTING_DOWN = ApiProblem(
    503, "The server ends, and it is not known whether this was saved; send it again.", retry_after=10
)


def create_app(parts: ApiContext, wake: Callable[[], None]) -> Callable[..., Awaitable[None]]:
    """The ASGI application; *wake* has the worker try at once."""
    settings = parts.settings.api

    async def find(token: str) -> Device | None:
        device = parts.look_up(lambda db: devices.find_by_token(db, token))
        if device:
            noting.record_seen(device.id)
        return device

    door = Authenticator(find, settings.max_body, settings.calls_per_second)
    noting = LastSeenRecorder(parts, door)
    parts.writer.before = lambda db: devices.record_last_seen(db, door.take_seen_device_ids(), parts.clock.wall_time())
    routes = merge_by_path(create_routes(parts, wake, noting.record_seen))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _handle_http_error, Exception: handle_error})
    return door.wrap_app(_answer_all_errors(app))


def create_routes(parts: ApiContext, wake: Callable[[], None], heard: Callable[[str], None]) -> list[Route]:
    """All that there is to call."""
    stands = StatusReader(parts)
    groups = (
        ContactRoutes(parts),
        ActionRoutes(parts, wake, stands),
        HealthRoutes(parts, stands),
        PairingRoutes(parts),
        EventBroadcaster(parts, heard),
        PageRoutes(),
    )
    return [route for group in groups for route in group.routes]


def _answer_all_errors(app: Any) -> Callable[..., Awaitable[None]]:
    """*app*, whose errors are answers of ours: Starlette would raise them once more after it has answered."""

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        started = False

        async def sending(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await app(scope, receive, sending)
        except ClientDisconnect:
            return  # nobody waits for an answer
        except asyncio.CancelledError:
            if not started:
                await problem_response(_SHUTTING_DOWN)(scope, receive, send)
            raise
        except Exception as error:
            if not started:
                await (await handle_error(Request(scope), error))(scope, receive, send)

    return answered


async def _handle_http_error(request: Request, error: Exception) -> Response:
    """The answer to a path or a method that is not there."""
    assert isinstance(error, HTTPException)
    sentence = {404: "There is no such address here.", 405: "This address takes other methods."}
    answer = problem_response(ApiProblem(error.status_code, sentence.get(error.status_code, str(error.detail))))
    answer.headers.update(error.headers or {})
    return answer
