"""The two ways to save a badge: wait for the CRM, or write it to the disk and deliver it later."""

import json

from kiosk.badges.badge import RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.demo.contenders import BadgeLost
from kiosk.loadtest.connection import HttpConnection, HttpResponse, encode_request

OLD_WAY_ID_PREFIX = "old-way-"
"""The prefix of the client IDs of contacts that the old way posts; they tell the two ways' contacts apart."""


class _SaveStrategy:
    """Posts contacts to one address, and reconnects after a lost connection."""

    def __init__(self, host: str, port: int, token: str, timeout_seconds: float) -> None:
        """*timeout_seconds* is how long a visitor waits for one post."""
        self.host, self.port, self.token = host, port, token
        self.timeout_seconds = timeout_seconds
        self.connection: HttpConnection | None = None

    async def post_contact(self, document: dict[str, object]) -> HttpResponse:
        """
        Post *document* and return the response.

        Raises:
            BadgeLost: there was no response.
        """
        body = json.dumps(document).encode()
        request = encode_request("POST", "/api/v1/contacts", f"{self.host}:{self.port}", self.token, body)
        try:
            self.connection = self.connection or await HttpConnection.open(self.host, self.port, self.timeout_seconds)
            return await self.connection.send_request(request, self.timeout_seconds)
        except OSError as error:
            self.close()
            raise BadgeLost(f"no response ({error})") from None  # not shown: lost badges are only counted

    def close(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class CrmFirst(_SaveStrategy):
    """What a simple script at a booth does: read the badge, post it to the CRM, and wait for the response."""

    async def save_badge(self, number: int, badge: bytes) -> None:
        """
        Post one badge to the CRM.

        Raises:
            BadgeLost: it is unknown whether the CRM has the contact.
        """
        reading = read_badge(badge, badge.decode(), BadgeProfile())
        if isinstance(reading, RefusedPayload):
            raise BadgeLost(reading.message)
        contact = reading.contact
        response = await self.post_contact(
            {
                "client_id": f"{OLD_WAY_ID_PREFIX}{number}",
                "name": contact.name,
                "email": contact.email,
                "company": contact.company,
                "job_title": contact.job_title,
            }
        )
        if response.status not in (200, 201):
            raise BadgeLost(f"status {response.status}")  # not shown: lost badges are only counted


class KioskFirst(_SaveStrategy):
    """Post the badge to the kiosk's API, which responds once the lead is on the disk."""

    async def save_badge(self, number: int, badge: bytes) -> None:
        """
        Post one badge to the kiosk.

        Raises:
            BadgeLost: the kiosk did not save it.
        """
        response = await self.post_contact({"client_id": f"this-way-{number}", "payload": badge.decode()})
        if response.status not in (200, 201):
            raise BadgeLost(f"status {response.status}")  # not shown: lost badges are only counted
