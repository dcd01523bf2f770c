"""The two ways of saving a badge: to wait for the CRM, or to have it on the disk and let the CRM take its time."""

import json

from kiosk.badges import read_badge
from kiosk.badges.badge import Refused
from kiosk.badges.profile import BadgeProfile
from kiosk.demo.side import Lost
from kiosk.loadtest.connection import Answer, Connection, request

OLD = "old-way-"
"""The beginning of the ids that the old way gives its contacts."""


class Way:
    """Posts to one address, over a connection that is made anew when it broke."""

    def __init__(self, host: str, port: int, token: str, patience: float) -> None:
        """*patience* is how many seconds a visitor gives it."""
        self.host, self.port, self.token = host, port, token
        self.patience = patience
        self.connection: Connection | None = None

    async def post(self, document: dict[str, object]) -> Answer:
        """
        The answer to *document*.

        Raises:
            Lost: there was none.
        """
        body = json.dumps(document).encode()
        sent = request("POST", "/api/v1/contacts", f"{self.host}:{self.port}", self.token, body)
        try:
            self.connection = self.connection or await Connection.to(self.host, self.port, self.patience)
            return await self.connection.ask(sent, self.patience)
        except OSError as error:
            self.close()
            raise Lost(f"no answer ({error})") from None

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class OldWay(Way):
    """As a booth's script does it: read the badge, post it to the CRM, wait for the answer."""

    async def save(self, number: int, badge: bytes) -> None:
        """
        Post one badge to the CRM.

        Raises:
            Lost: nobody knows whether the CRM has it.
        """
        reading = read_badge(badge, badge.decode(), BadgeProfile())
        if isinstance(reading, Refused):
            raise Lost(reading.sentence)
        who = reading.contact
        fields = {"name": who.name, "email": who.email, "company": who.company, "job_title": who.job_title}
        answer = await self.post({"client_id": f"{OLD}{number}", **fields})
        if answer.status not in (200, 201):
            raise Lost(f"status {answer.status}")


class ThisWay(Way):
    """Post the badge to the kiosk's API; it is answered once the lead is on the disk."""

    async def save(self, number: int, badge: bytes) -> None:
        """
        Post one badge to the kiosk.

        Raises:
            Lost: it did not save it.
        """
        answer = await self.post({"client_id": f"this-way-{number}", "payload": badge.decode()})
        if answer.status not in (200, 201):
            raise Lost(f"status {answer.status}")
