"""The two ways of saving a badge: to wait for the CRM, or to have it on the disk and let the CRM take its time."""

import json

from kiosk.badges import read_badge
from kiosk.badges.badge import RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.demo.contenders import BadgeLost
from kiosk.loadtest.connection import HttpConnection, HttpResponse, encode_request

OLD_WAY_ID_PREFIX = "old-way-"
"""The beginning of the ids that the old way gives its contacts."""


class _SaveStrategy:
    """Posts to one address, over a connection that is made anew when it broke."""

    def __init__(self, host: str, port: int, token: str, timeout_seconds: float) -> None:
        """*timeout_seconds* is how many seconds a visitor gives it."""
        self.host, self.port, self.token = host, port, token
        self.timeout_seconds = timeout_seconds
        self.connection: HttpConnection | None = None

    async def post_contact(self, document: dict[str, object]) -> HttpResponse:
        """
        The answer to *document*.

        Raises:
            Lost: there was none.
        """
        body = json.dumps(document).encode()
        sent = encode_request("POST", "/api/v1/contacts", f"{self.host}:{self.port}", self.token, body)
        try:
            self.connection = self.connection or await HttpConnection.open(self.host, self.port, self.timeout_seconds)
            return await self.connection.send_request(sent, self.timeout_seconds)
        except OSError as error:
            self.close()
            raise BadgeLost(f"no answer ({error})") from None

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class CrmFirst(_SaveStrategy):
    """As a booth's script does it: read the badge, post it to the CRM, wait for the answer."""

    async def save_badge(self, number: int, badge: bytes) -> None:
        """
        Post one badge to the CRM.

        Raises:
            Lost: nobody knows whether the CRM has it.
        """
        reading = read_badge(badge, badge.decode(), BadgeProfile())
        if isinstance(reading, RefusedPayload):
            raise BadgeLost(reading.message)
        who = reading.contact
        fields = {"name": who.name, "email": who.email, "company": who.company, "job_title": who.job_title}
        answer = await self.post_contact({"client_id": f"{OLD_WAY_ID_PREFIX}{number}", **fields})
        if answer.status not in (200, 201):
            raise BadgeLost(f"status {answer.status}")


class KioskFirst(_SaveStrategy):
    """Post the badge to the kiosk's API; it is answered once the lead is on the disk."""

    async def save_badge(self, number: int, badge: bytes) -> None:
        """
        Post one badge to the kiosk.

        Raises:
            Lost: it did not save it.
        """
        answer = await self.post_contact({"client_id": f"this-way-{number}", "payload": badge.decode()})
        if answer.status not in (200, 201):
            raise BadgeLost(f"status {answer.status}")
