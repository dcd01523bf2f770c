"""Alerts as they are posted, signed, to a receiver of your own; docs/webhook.md is the contract."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.alerts import Alert
from kiosk.config.alerts import AlertSettings
from kiosk.config.load import Settings
from kiosk.status.wording import sanitize_text
from sync import webhook_signature
from sync.connection_context import ConnectionContext
from sync.errors import LoginPage, NotAuthorised, SyncError
from sync.http_client import CrmResponse, HttpClient
from sync.response_errors import classify_error_response
from sync.retry_after import parse_http_date
from sync.settings.urls import is_local_address
from sync.transport_errors import LOGIN_PAGE_MESSAGE

POST_TIMEOUT_SECONDS = 15.0
"""Seconds for one alert: nobody waits for an answer, and the next round comes soon."""


@dataclass(frozen=True, slots=True)
class _AlertReceipt:
    """An alert has arrived."""

    receiver_date: datetime | None
    """The time, as the receiver says; None where its clock may be ours, or nobody's."""


async def post_alert(http: HttpClient, settings: AlertSettings, document: dict[str, Any]) -> _AlertReceipt:
    """
    Post one alert.

    Raises:
        SyncError: it did not arrive, as far as we know.
        TimeoutError: nobody knows.
    """
    body, key = webhook_signature.encode_body(document), f"{document['alert_id']}-{document['state']}"
    try:
        headers = webhook_signature.build_headers(key, document["sent_at"], body, settings.secret)
    except ValueError as error:
        raise NotAuthorised(f"The secret for the alerts' webhook cannot be had: {error}") from error
    async with asyncio.timeout(POST_TIMEOUT_SECONDS):
        answer = await http.send("POST", settings.webhook_url, body, headers)
    if not 200 <= answer.status < 300:
        raise classify_error_response(answer)
    if _is_login_page(answer):
        raise LoginPage(LOGIN_PAGE_MESSAGE)
    return _AlertReceipt(None if is_local_address(http.host) else parse_http_date(answer.headers.get("date", "")))


def _is_login_page(answer: CrmResponse) -> bool:
    """Whether a login page may have answered; what chat tools answer is a word or two, which some call HTML."""
    return answer.is_captive_portal or answer.body.lstrip().startswith(b"<")


def open_connection(settings: Settings) -> HttpClient:
    """The way to the receiver; its calls are counted nowhere, and spend nothing of the CRM's pace."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    return HttpClient(settings.alerts.webhook_url, headers, context=ConnectionContext(settings.network))


def build_document(alert: Alert, settings: Settings) -> dict[str, Any]:
    """What the receiver is told of *alert*: that it was raised; or where it knows that, that it is over."""
    state = "over" if alert.is_reported else "raised"
    return {
        "alert_id": alert.id,
        "state": state,
        "cause": alert.cause,
        "sentence": alert.sentence,
        "advice": alert.advice,
        "since": int(alert.since),
        "over_at": int(alert.over_at) if alert.is_reported and alert.over_at is not None else None,
        "event": settings.event.name,
        "kiosk": settings.event.kiosk,
        "practice": settings.is_practice,
        "sent_at": int(time.time()),
        "text": format_text(alert, settings),
    }


def format_text(alert: Alert, settings: Settings) -> str:
    """The same in one line, as chat tools show it."""
    who = f"{settings.event.name}, {settings.event.kiosk}{' (practice)' if settings.is_practice else ''}"
    said = f"Over: {alert.sentence}" if alert.is_reported else f"{alert.sentence} {alert.advice}"
    return sanitize_text(f"{who}: {said}")


def explain_failure(error: SyncError | TimeoutError) -> str:
    """Why an alert did not arrive, for the log: neither the receiver's address nor its words."""
    if isinstance(error, NotAuthorised) and error.__cause__ is not None:
        return str(error)
    return getattr(error, "cause", "") or "the receiver did not take it"
