"""The API as an ASGI application: all routes, behind authentication."""

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
from kiosk.api.wire.problems import ApiProblem, handle_error, problem_response
from kiosk.api.wire.routing import merge_by_path
from kiosk.api.wire.throttle import SignInThrottle

_SHUTTING_DOWN = ApiProblem(
    503, "The server is shutting down, and this may or may not have been saved; send it again.", retry_after=10
)

_HTTP_ERROR_SENTENCES = {404: "There is no such address.", 405: "This address does not support this method."}


def create_app(context: ApiContext, wake_worker: Callable[[], None]) -> Callable[..., Awaitable[None]]:
    """Create the ASGI application; *wake_worker* makes the worker try at once."""
    settings = context.settings.api

    def find_device(token: str) -> Device | None:
        device = context.look_up(lambda db: devices.find_by_token(db, token))
        if device:
            last_seen.record_seen(device.id)
        return device

    throttle = SignInThrottle()
    authenticator = Authenticator(find_device, throttle, settings.max_body, settings.calls_per_second)
    last_seen = LastSeenRecorder(context, authenticator)
    # Each transaction also saves which devices have called since the last one, so that this costs no extra flush.
    context.group_commit.on_transaction = lambda db: devices.record_last_seen(
        db, authenticator.take_seen_device_ids(), context.clock.wall_time()
    )
    routes = merge_by_path(create_routes(context, wake_worker, last_seen.record_seen, throttle))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _handle_http_error, Exception: handle_error})
    return authenticator.wrap_app(_answer_all_errors(app))


def create_routes(
    context: ApiContext, wake_worker: Callable[[], None], record_seen: Callable[[str], None], throttle: SignInThrottle
) -> list[Route]:
    """Create all routes."""
    status_reader = StatusReader(context)
    groups = (
        ContactRoutes(context),
        ActionRoutes(context, wake_worker, status_reader),
        HealthRoutes(context, status_reader),
        PairingRoutes(context, throttle),
        EventBroadcaster(context, record_seen),
        PageRoutes(),
    )
    return [route for group in groups for route in group.routes]


def _answer_all_errors(app: Any) -> Callable[..., Awaitable[None]]:
    """Wrap *app* so that every error becomes a response; Starlette answers and then raises it once more."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        response_started = False

        async def send_and_note(message: Any) -> None:
            nonlocal response_started
            response_started = True
            await send(message)

        try:
            await app(scope, receive, send_and_note)
        except ClientDisconnect:
            return  # nobody waits for a response
        except asyncio.CancelledError:
            if not response_started:
                await problem_response(_SHUTTING_DOWN)(scope, receive, send)
            raise
        except Exception as error:
            if not response_started:
                await (await handle_error(Request(scope), error))(scope, receive, send)

    return answer


async def _handle_http_error(request: Request, error: Exception) -> Response:
    """Return the response to an unknown path or method; a Starlette exception handler."""
    assert isinstance(error, HTTPException)
    detail = _HTTP_ERROR_SENTENCES.get(error.status_code, str(error.detail))
    response = problem_response(ApiProblem(error.status_code, detail))
    response.headers.update(error.headers or {})
    return response
