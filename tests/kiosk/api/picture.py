"""
Draws the picture of the dashboard for the README: `make picture-dashboard`, where Chromium is installed.

It is the real page of a real server over a real database, in the middle of a day, while the network is down.
"""

import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

from data import batches, gates, outbox
from data.batches import Receipt
from data.clock import SystemClock
from data.contact import Contact
from data.gates import Gate
from data.lead import Lead, ScanRecord
from data.lead_table import NewLead, insert_new_leads
from data.store import Store, open_store, write_transaction
from data.uuid7 import new_uuid7
from sync.file_lock import hold_lock
from tests.kiosk.api.api import Api
from tests.kiosk.api.chromium import Chromium, find_chromium

FILE = Path(__file__).parents[3] / "docs" / "pictures" / "numbers.png"

HOURS = (4, 18, 41, 37, 29, 52, 66, 48, 31, 22)
"""Leads that each of the last hours brought, the newest last."""

VISITORS = (
    ("Ana Lopez", "Initech"), ("Bob Fischer", "Globex"), ("Zoë Müller", "Umbrella"), ("Fatima Zahra", "Hooli"),
    ("Иван Петров", "Stark"), ("Noah O'Brien", "Wayne"), ("Mei Tanaka", "Acme"),
)  # fmt: skip

CLOCK = SystemClock()


def morning(db: Store) -> None:
    """Insert leads of the hours before, all delivered, most at the first attempt."""
    random, now = Random(7), CLOCK.wall_time()
    for back, number in enumerate(reversed(HOURS), 1):
        met = [lead(now - back * 3600 + random.random() * 60) for _ in range(number)]
        with write_transaction(db):
            insert_new_leads(db, met)
        batch = batches.start_batch(db, "practice", {new.lead.id: 1 for new in met}, CLOCK)
        with write_transaction(db):
            ends = [Receipt(new.lead.id, 1, "delivered") for new in met]
            batches.end_batch(db, batch, 0.2 + random.random() / 4, ends, CLOCK.wall_time())
            for new in met:
                outbox.settle_lead(db, new.lead.id, 1, f"C-{new.lead.id[-6:]}", CLOCK.wall_time())


def lead(at: float) -> NewLead:
    """Make up a lead of that time."""
    name = new_uuid7(at)
    who = Lead(name, "Expo 2026", "posted", Contact(name=name[-6:]), "", created_at=at, updated_at=at)
    return NewLead(who, [f"payload:{name}"], ScanRecord(b"", name, "posted", "", "api", "ana", "kiosk-1", at, "", 0.0))


def network_down(db: Store, refused: str) -> None:
    """Close the gate a minute ago, and park one lead."""
    with write_transaction(db):
        next_try, boot = CLOCK.seconds_since_boot() + 24, CLOCK.boot_id
        down = Gate("practice", False, "offline", "The network is down.", CLOCK.wall_time() - 60, next_try, boot, 4)
        gates.write_gate(db, down)
        outbox.park_lead(
            db, refused, 1, "rejected", "The CRM rejected it: the e-mail address is not valid.", CLOCK.wall_time()
        )


def main() -> None:
    """Draws the picture of the dashboard for the README: `make picture-dashboard`, where Chromium is installed."""
    if (program := find_chromium()) is None:
        print("docs/pictures/numbers.png stays as it is: there is no Chromium.")  # noqa: T201
        return
    with tempfile.TemporaryDirectory() as folder:
        api = Api(Path(folder))
        api.config.write_text(api.config.read_text().replace('"Expo"', '"Expo 2026"'))
        with closing(open_store(api.store)) as db, hold_lock(api.store.with_name("worker.lock")):
            api.start()
            browser = Chromium(program, Path(folder) / "chromium")
            try:
                draw(api, browser, db)
            finally:
                browser.close()
                api.stop()


def draw(api: Api, browser: Chromium, db: Store) -> None:
    """Open the dashboard and wait until everything is drawn."""
    morning(db)
    for number, device in enumerate(("Ana's phone", "badge reader, hall 3", "office tablet")):
        with api.client("manage" if "office" in device else "post", device) as client:
            for place, (name, company) in enumerate(VISITORS):
                if place % 3 == number:
                    mail = f"{place}@{company.lower()}.example"
                    body = {"client_id": f"{place}", "name": name, "email": mail, "company": company}
                    client.post("/api/v1/contacts", json=body).raise_for_status()
    network_down(db, str(db.execute("select id from leads order by id desc limit 1").fetchone()[0]))
    page = browser.page(1440, 1180)
    page.go(f"{api.url}/numbers")
    page.until("document.activeElement.id === 'token'")
    page.type(api.token("manage", "office tablet"))
    page.press("Enter", 13)
    page.until("document.querySelector('#leads .who')")
    time.sleep(2.0)
    page.picture(FILE)


if __name__ == "__main__":
    main()
