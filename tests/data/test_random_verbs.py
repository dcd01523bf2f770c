"""Whatever the order in which people and the worker act, no lead disappears and the counts add up."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from data import attendees, leads, outbox, scans
from data.arrival import Arrival, arrive
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.outbox import DELIVERED, DISCARDED, NEEDS_DETAILS, NEEDS_YOU, STATES, WAITING
from data.store import open_store, write_transaction

WHO = st.integers(0, 4)
TEXT = st.sampled_from(["", "Ana", "Initech", "' or 1=1 --", "100%"])


class Time:
    """A clock that only tests move."""

    boot_id = "boot-0"
    now = 1_800_000_000.0
    up = 10.0
    is_synced = False

    def wall_time(self) -> float:
        """Return seconds since 1970 UTC."""
        return self.now

    def seconds_since_boot(self) -> float:
        """Return seconds since boot."""
        return self.up

    def is_synchronized(self) -> bool:
        """Return whether a time server set it."""
        return self.is_synced


class Verbs(RuleBasedStateMachine):
    """Five badges, a store on the disk, and all that can be done to them in any order."""

    @initialize()
    def start(self) -> None:
        """Open a new store."""
        self.folder = tempfile.mkdtemp()
        self.clock = Time()
        self.db = open_store(Path(self.folder) / "kiosk.db")
        self.ids: dict[int, str] = {}
        self.scans = 0
        self.discarded: set[str] = set()

    def lead_id(self, who: int) -> str:
        """Return the id of the lead with this badge, or an unknown id."""
        return self.ids.get(who, "nobody")

    def revision(self, lead_id: str) -> int:
        """Return the revision that the CRM should have."""
        row = self.db.execute("select revision from outbox where lead_id = ?", (lead_id,)).fetchone()
        return row["revision"] if row else 1

    @rule(who=WHO, name=TEXT, company=TEXT, rating=st.none() | st.integers(1, 5))
    def scan(self, who: int, name: str, company: str, rating: int | None) -> None:
        """Show a badge."""
        clock = self.clock
        scan = ScanRecord(
            b"x",
            "0",
            "id",
            "QRCode",
            "camera",
            "ana",
            "k1",
            clock.wall_time(),
            clock.boot_id,
            clock.seconds_since_boot(),
        )
        lead = Lead("", "Expo", "id", Contact(name=name, company=company), badge_id=f"{who}", rating=rating)
        saved = arrive(self.db, Arrival(scan, lead), clock)
        assert saved.is_new == (who not in self.ids)
        assert saved.is_restored == (saved.lead.id in self.discarded)
        self.ids[who] = saved.lead.id
        self.discarded.discard(saved.lead.id)
        self.scans += 1

    @rule(who=WHO, field=st.sampled_from(["name", "company", "email", "note"]), value=TEXT)
    def edit(self, who: int, field: str, value: str) -> None:
        """Edit a lead."""
        if who in self.ids:
            leads.edit_lead(self.db, self.ids[who], {field: value}, "bob", self.clock)

    @rule(who=WHO, verb=st.sampled_from(["discard", "restore", "retry"]))
    def decide(self, who: int, verb: str) -> None:
        """Discard, restore or retry a lead."""
        lead_id = self.lead_id(who)
        if verb == "discard":
            done = outbox.discard_lead(self.db, lead_id, "a reason", "bob", self.clock)
            assert (who in self.ids and lead_id not in self.discarded) == done
            self.discarded |= {lead_id} if done else set()
        elif verb == "restore":
            assert outbox.restore_lead(self.db, lead_id, "bob", self.clock) == (lead_id in self.discarded)
            self.discarded.discard(lead_id)
        else:
            outbox.retry_lead(self.db, lead_id, "bob", self.clock)

    @rule(who=WHO, end=st.sampled_from(["settle", "park", "postpone", "step_back", "unpark"]), late=st.integers(0, 2))
    def work(self, who: int, end: str, late: int) -> None:
        """A delivery ends, of the wanted revision or of one that was *late* edits ago."""
        lead_id = self.lead_id(who)
        revision = max(1, self.revision(lead_id) - late)
        if who in self.ids and revision == self.revision(lead_id) and leads.get_lead(self.db, lead_id).needs_details:
            return  # nobody sends that
        with write_transaction(self.db):
            if end == "settle":
                outbox.settle_lead(self.db, lead_id, revision, "crm", self.clock.wall_time())
            elif end == "park":
                outbox.park_lead(self.db, lead_id, revision, "rejected", "It is refused.", self.clock.wall_time())
            elif end == "postpone":
                outbox.postpone_lead(
                    self.db, lead_id, self.clock, seconds=30, cause="retry", reason="It failed.", is_attempt=True
                )
            elif end == "unpark":
                outbox.unpark_lead(self.db, lead_id, self.clock)
            else:
                outbox.add_setback(self.db, lead_id)

    @rule(seconds=st.sampled_from([1.0, 60.0, 3600.0]), jump=st.sampled_from([0.0, -1e8, 1e8]), synced=st.booleans())
    def time_passes(self, seconds: float, jump: float, synced: bool) -> None:
        """Let time pass; the clock may also jump, or be set."""
        self.clock.up += seconds
        self.clock.now += seconds + jump
        self.clock.is_synced = synced
        scans.record_boot_clock(self.db, self.clock)

    @rule()
    def restart(self) -> None:
        """Restart the machine."""
        self.db.close()
        self.clock.boot_id, self.clock.up = f"{self.clock.boot_id}+", 3.0
        self.db = open_store(Path(self.folder) / "kiosk.db")
        outbox.reset_after_reboot(self.db, self.clock)

    @rule(who=WHO)
    def import_list(self, who: int) -> None:
        """Import the organiser's list."""
        list(
            attendees.add_attendees(
                self.db, "Expo", [attendees.Attendee(f"{who}", Contact(name="Listed", email=f"{who}@x.example"))]
            )
        )
        attendees.complete_past_leads(self.db, "Expo", self.clock)

    @invariant()
    def no_lead_goes_away(self) -> None:
        """Every lead that was saved is there, with one outbox row of its own revision, and all its scans."""
        rows = self.db.execute(
            "select leads.id, leads.revision, outbox.revision as wanted from leads join outbox on lead_id = leads.id"
        ).fetchall()
        assert set(self.ids.values()) == {row["id"] for row in rows}
        assert len(self.ids) == len(rows)
        assert all(row["revision"] == row["wanted"] for row in rows)
        assert self.db.execute("select count(*) from scans").fetchone()[0] == self.scans

    @invariant()
    def the_counts_add_up(self) -> None:
        """The four states are all the leads, and as many are discarded as a person discarded."""
        counts = outbox.count_leads(self.db)
        assert len(self.ids) == counts.total == len(list(leads.iterate_leads(self.db)))
        assert len(self.discarded) == counts.discarded

    @invariant()
    def every_state_means_what_it_says(self) -> None:
        """A delivered lead has the wanted revision; a waiting one differs from others; one that needs you says why."""
        for row in self.db.execute("select * from outbox").fetchall():
            lead = leads.get_lead(self.db, row["lead_id"])
            assert row["state"] in STATES
            match row["state"]:
                case "delivered":
                    assert row["delivered_revision"] == row["revision"]
                    assert "" == row["cause"] == row["reason"]
                case "waiting":
                    assert not lead.needs_details
                case "needs you":
                    assert row["cause"] and row["reason"]
                    assert (row["cause"] == NEEDS_DETAILS) == lead.needs_details
                case "discarded":
                    assert row["reason"] == "a reason"
        assert set(STATES) == {WAITING, NEEDS_YOU, DELIVERED, DISCARDED}

    def teardown(self) -> None:
        """Leave no folder behind."""
        if hasattr(self, "db"):
            self.db.close()
            shutil.rmtree(self.folder)


TestVerbs = Verbs.TestCase
TestVerbs.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
