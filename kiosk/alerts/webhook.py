"""Alerts as they are posted, signed, to a receiver of your own; docs/webhook.md is the contract."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.alerts import Alert
from kiosk.config.alerts import AlertSettings
from kiosk.config.load import Settings
from kiosk.status.wording import plain
from sync import signed
from sync.answers import refusal
from sync.broken import PORTAL
from sync.errors import LoginPage, NotAuthorised, SyncError
from sync.http import Answer, Http
from sync.line import Line
from sync.retry_after import read_date
from sync.settings.urls import is_near

PATIENCE = 15.0
"""Seconds for one alert: nobody waits for an answer, and the next round comes soon."""


@dataclass(frozen=True, slots=True)
class Posted:
    """An alert has arrived."""

    date: datetime | None
    """The time, as the receiver says; None where its clock may be ours, or nobody's."""


async def post(http: Http, settings: AlertSettings, document: dict[str, Any]) -> Posted:
    """
    Post one alert.

    Raises:
        SyncError: it did not arrive, as far as we know.
        TimeoutError: nobody knows.
    """
    body, key = signed.encoded(document), f"{document['alert_id']}-{document['state']}"
    try:
        headers = signed.headers(key, document["sent_at"], body, settings.secret)
    except ValueError as error:
        raise NotAuthorised(f"The secret for the alerts' webhook cannot be had: {error}") from error
    async with asyncio.timeout(PATIENCE):
        answer = await http.send("POST", settings.webhook_url, body, headers)
    if not 200 <= answer.status < 300:
        raise refusal(answer)
    if is_page(answer):
        raise LoginPage(PORTAL)
    return Posted(None if is_near(http.host) else read_date(answer.headers.get("date", "")))


def is_page(answer: Answer) -> bool:
    """Whether a login page may have answered; what chat tools answer is a word or two, which some call HTML."""
    return answer.is_portal or answer.body.lstrip().startswith(b"<")


def connection(settings: Settings) -> Http:
    """The way to the receiver; its calls are counted nowhere, and spend nothing of the CRM's pace."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    return Http(settings.alerts.webhook_url, headers, line=Line(settings.network))


def document_of(alert: Alert, settings: Settings) -> dict[str, Any]:
    """What the receiver is told of *alert*: that it was raised; or where it knows that, that it is over."""
    state = "over" if alert.is_told else "raised"
    return {
        "alert_id": alert.id,
        "state": state,
        "cause": alert.cause,
        "sentence": alert.sentence,
        "advice": alert.advice,
        "since": int(alert.since),
        "over_at": int(alert.over_at) if alert.is_told and alert.over_at is not None else None,
        "event": settings.event.name,
        "kiosk": settings.event.kiosk,
        "practice": settings.is_practice,
        "sent_at": int(time.time()),
        "text": text(alert, settings),
    }


def text(alert: Alert, settings: Settings) -> str:
    """The same in one line, as chat tools show it."""
    who = f"{settings.event.name}, {settings.event.kiosk}{' (practice)' if settings.is_practice else ''}"
    said = f"Over: {alert.sentence}" if alert.is_told else f"{alert.sentence} {alert.advice}"
    return plain(f"{who}: {said}")


def why(error: SyncError | TimeoutError) -> str:
    """Why an alert did not arrive, for the log: neither the receiver's address nor its words."""
    if isinstance(error, NotAuthorised) and error.__cause__ is not None:
        return str(error)
    return getattr(error, "cause", "") or "the receiver did not take it"
