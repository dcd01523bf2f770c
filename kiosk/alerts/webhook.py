"""Post alerts, signed, to a receiver of the customer's own; docs/webhook.md is the contract."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.alerts import Alert
from data.language import _
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

# Time limit for posting one alert. Short: nobody waits for the response, and the next round comes soon.
POST_TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class AlertReceipt:
    """The receiver's acceptance of one alert."""

    receiver_date: datetime | None
    """The receiver's time; None if it runs on this network, where its clock is no better than ours."""


async def post_alert(http: HttpClient, settings: AlertSettings, document: dict[str, Any]) -> AlertReceipt:
    """
    Post one alert.

    Raises:
        SyncError: the alert was not accepted, as far as we know.
        TimeoutError: it is unknown whether the alert was accepted.
    """
    body, key = webhook_signature.encode_body(document), f"{document['alert_id']}-{document['state']}"
    try:
        headers = webhook_signature.build_headers(key, document["sent_at"], body, settings.secret)
    except ValueError as error:
        message = _("The secret for the alert webhook is unavailable: {error}").format(error=error)
        raise NotAuthorised(message) from error
    async with asyncio.timeout(POST_TIMEOUT_SECONDS):
        response = await http.send("POST", settings.webhook_url, body, headers)
    if not 200 <= response.status < 300:
        raise classify_error_response(response)
    if _is_login_page(response):
        raise LoginPage(LOGIN_PAGE_MESSAGE)
    return AlertReceipt(None if is_local_address(http.host) else parse_http_date(response.headers.get("date", "")))


def _is_login_page(response: CrmResponse) -> bool:
    """Return whether the response may be that of a WiFi login page."""
    # By the body, not by the content type: chat tools respond with a word or two, which some label as HTML.
    return response.is_captive_portal or response.body.lstrip().startswith(b"<")


def make_http_client(settings: Settings) -> HttpClient:
    """Return an HTTP client for the receiver; its requests count neither as CRM calls nor against the CRM's limits."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    return HttpClient(settings.alerts.webhook_url, headers, context=ConnectionContext(settings.network))


def build_document(alert: Alert, settings: Settings) -> dict[str, Any]:
    """Return the body to post: that *alert* was raised, or, if that was reported before, that it is over."""
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
        "text": _format_text(alert, settings),
    }


def _format_text(alert: Alert, settings: Settings) -> str:
    """Return the alert as one line of text, which chat tools display as it is."""
    source = f"{settings.event.name}, {settings.event.kiosk}"
    if settings.is_practice:
        source = _("{source} (practice)").format(source=source)
    if alert.is_reported:
        line = _("{source}: Resolved: {sentence}").format(source=source, sentence=alert.sentence)
    else:
        line = _("{source}: {sentence} {advice}").format(source=source, sentence=alert.sentence, advice=alert.advice)
    return sanitize_text(line)


def explain_failure(error: SyncError | TimeoutError) -> str:
    """Return why an alert was not accepted, for the log: without the receiver's address or its words."""
    if isinstance(error, NotAuthorised) and error.__cause__ is not None:
        return str(error)
    return getattr(error, "cause", "") or "the receiver did not accept it"  # not shown: for the log
