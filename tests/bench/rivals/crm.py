"""
How each rival hands a lead to the CRM: one call a lead, over a connection that is kept.

The CRM is like most: it has no key by which it knows a lead again, thus a lead that is posted twice is two contacts.
(Ours needs a `client_id`: each call gets a fresh one.)
"""

import os
from typing import Any
from uuid import uuid4

import httpx

SHORT_PAUSE = 5.0
"""Seconds before another try, where the CRM names none."""


class TryAgain(Exception):
    """The CRM did not take the lead, and may later."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


def client() -> httpx.Client:
    """A client for the CRM that the environment names."""
    headers = {"Authorization": f"Bearer {os.environ['CRM_TOKEN']}"}
    return httpx.Client(base_url=os.environ["CRM_URL"], headers=headers, timeout=30.0, trust_env=False)


def post(crm: httpx.Client, lead: dict[str, Any]) -> None:
    """
    Post *lead*.

    Raises:
        TryAgain: it was not taken.
    """
    try:
        answer = crm.post("/api/v1/contacts", json={**lead, "client_id": str(uuid4())})
    except httpx.TransportError as error:
        raise TryAgain(SHORT_PAUSE) from error
    if answer.status_code == 429:
        raise TryAgain(float(answer.headers["Retry-After"]))
    if not answer.is_success:
        raise TryAgain(SHORT_PAUSE)


def leads(count: int) -> list[dict[str, Any]]:
    """So many leads, the same that our outbox gets."""
    return [
        {
            "name": f"Visitor {number}",
            "email": f"visitor.{number}@example.com",
            "company": "Initech",
            "job_title": "Buyer",
        }
        for number in range(count)
    ]
