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
from kiosk.intake.answers import on_error, problem
from kiosk.intake.body import Problem
from kiosk.intake.contacts import Contacts
from kiosk.intake.door import Door
from kiosk.intake.health import Health
from kiosk.intake.live import Live
from kiosk.intake.noting import Noting
from kiosk.intake.pages import Pages
from kiosk.intake.pairing import Pairing
from kiosk.intake.parts import Parts
from kiosk.intake.routing import by_path
from kiosk.intake.stands import Stands
from kiosk.intake.verbs import Verbs

ENDS = Problem(503, "The server ends, and it is not known whether this was saved; send it again.", retry_after=10)


def intake_app(parts: Parts, wake: Callable[[], None]) -> Callable[..., Awaitable[None]]:
    """The ASGI application; *wake* has the worker try at once."""
    settings = parts.settings.intake

    async def find(token: str) -> Device | None:
        device = parts.look(lambda db: devices.known_by(db, token))
        if device:
            noting.heard(device.id)
        return device

    door = Door(find, settings.max_body, settings.calls_per_second)
    noting = Noting(parts, door)
    parts.writer.before = lambda db: devices.note_seen(db, door.take_heard(), parts.clock.wall())
    routes = by_path(endpoints(parts, wake, noting.heard))
    app = Starlette(routes=routes, exception_handlers={HTTPException: not_there, Exception: on_error})
    return door.around(answering(app))


def endpoints(parts: Parts, wake: Callable[[], None], heard: Callable[[str], None]) -> list[Route]:
    """All that there is to call."""
    stands = Stands(parts)
    groups = (
        Contacts(parts),
        Verbs(parts, wake, stands),
        Health(parts, stands),
        Pairing(parts),
        Live(parts, heard),
        Pages(),
    )
    return [route for group in groups for route in group.routes]


def answering(app: Any) -> Callable[..., Awaitable[None]]:
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
                await problem(ENDS)(scope, receive, send)
            raise
        except Exception as error:
            if not started:
                await (await on_error(Request(scope), error))(scope, receive, send)

    return answered


async def not_there(request: Request, error: Exception) -> Response:
    """The answer to a path or a method that is not there."""
    assert isinstance(error, HTTPException)
    sentence = {404: "There is no such address here.", 405: "This address takes other methods."}
    answer = problem(Problem(error.status_code, sentence.get(error.status_code, str(error.detail))))
    answer.headers.update(error.headers or {})
    return answer
