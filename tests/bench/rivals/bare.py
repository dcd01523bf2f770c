"""
The least that delivering takes: calls that were made ready before, four at once, by a client that does nothing else.

`python -m tests.bench.rivals.bare COUNT` makes them ready; without COUNT it makes the calls.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import uuid4

import httpx

from tests.bench.rivals.crm import leads

AT_ONCE = 4
A_CALL = 100

BODIES = Path(os.environ["QUEUE"]) / "bodies"


def make_ready(count: int) -> None:
    """Write the body of each call into a line."""
    contacts = [{**lead, "client_id": str(uuid4())} for lead in leads(count)]
    calls = [contacts[start : start + A_CALL] for start in range(0, count, A_CALL)]
    BODIES.write_text("".join(json.dumps({"contacts": call}) + "\n" for call in calls), encoding="utf-8")


async def deliver() -> None:
    """Make the calls."""
    bodies = iter(BODIES.read_bytes().splitlines())
    headers = {"Authorization": f"Bearer {os.environ['CRM_TOKEN']}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=os.environ["CRM_URL"], headers=headers, timeout=30, trust_env=False) as crm:

        async def one_after_another() -> None:
            for body in bodies:
                (await crm.post("/api/v1/contacts/bulk", content=body)).raise_for_status()

        await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    if sys.argv[1:]:
        make_ready(int(sys.argv[1]))
    else:
        asyncio.run(deliver())
