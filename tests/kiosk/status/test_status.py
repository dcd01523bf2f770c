"""The kiosk status in words, for each cause for which the gate closes and for each state of the outbox."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from data import gates, outbox, pause
from data.gates import Gate
from data.store import write_transaction
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings, EventSettings
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import HOW_TO_RESUME, describe_cause, format_time
from sync import errors
from sync.errors import DestinationFault, Offline
from sync.file_lock import hold_lock
from sync.gate import close_gate, open_gate
from tests.kiosk.conftest import Counter, vcard

SAFE = "2 leads waiting, safe on this device."


class Booth:
    """A counter, its settings, and a worker that runs or not."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.settings = Settings(event=EventSettings("Expo 2026"), data=DataSettings(str(folder)))
        self.counter = Counter(self.settings.database_file).open()
        self.stack = stack

    def saved(self, *names: str) -> list[str]:
        """Show the badges of visitors; the ids of their leads."""
        leads = [self.counter.show(vcard(name, f"{name.lower()}@x.example")).lead for name in names]
        return [lead.id for lead in leads if lead]

    def send(self) -> None:
        """Start a worker."""
        self.stack.enter_context(hold_lock(self.settings.worker_lock))

    def put(self, gate: Gate) -> None:
        """Write down how the destination status."""
        with write_transaction(self.counter.db):
            gates.write_gate(self.counter.db, gate)

    def close_gate(self, fault: DestinationFault) -> float:
        """Close the gate; the seconds until it is tried again."""
        gate = close_gate(Gate("practice"), fault, self.counter.clock)
        self.put(gate)
        return gate.seconds_left(self.counter.clock)

    def deliver(self, *leads: str) -> None:
        """Have the CRM take leads."""
        with write_transaction(self.counter.db):
            for lead in leads:
                outbox.settle_lead(self.counter.db, lead, 1, f"c-{lead}", self.counter.clock.wall_time())
        self.put(open_gate(Gate("practice"), self.counter.clock))

    def read_status(self) -> KioskStatus:
        """How everything stands now."""
        return read_kiosk_status(self.counter.db, self.settings, self.counter.clock)


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    """A booth without a worker, where nothing was scanned."""
    with ExitStack() as stack:
        found = Booth(tmp_path, stack)
        stack.callback(found.counter.db.close)
        yield found


def faults(kind: type[DestinationFault] = DestinationFault) -> list[DestinationFault]:
    """One of every kind of fault for which the gate closes."""
    return [one for each in kind.__subclasses__() for one in (each(f"Of {each.cause}."), *faults(each))]


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: type(fault).__name__)
def test_a_closed_gate_says_why_what_is_safe_and_when_it_is_tried(booth: Booth, fault: DestinationFault) -> None:
    """The CRM's problem in its own words, the count and the next try; the cause stands for it in a few words."""
    booth.send()
    booth.saved("Ana", "Bob")
    seconds = booth.close_gate(fault)

    status = booth.read_status()

    assert describe_cause(fault.cause) == status.crm_summary
    assert status.sentence.startswith(f"{fault} {SAFE} ")
    assert status.sentence.endswith(("Trying now.", " s.", " min.", " h."))
    assert pytest.approx(status.gate_retry_seconds) == seconds
    assert not status.has_nothing_waiting


def test_every_cause_has_a_test() -> None:
    """The list above has every error of `sync.errors`."""
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DestinationFault)}

    assert kinds - {DestinationFault} <= {type(fault) for fault in faults()}


def test_a_due_try_is_made_now(booth: Booth) -> None:
    """Nobody is asked to wait for what has begun."""
    booth.send()
    booth.saved("Ana", "Bob")
    booth.counter.clock.tick(booth.close_gate(Offline("The network is down.")))

    assert booth.read_status().sentence == f"The network is down. {SAFE} Trying now."


def test_a_closed_gate_with_nothing_to_send_counts_nothing(booth: Booth) -> None:
    """`0 leads` would help nobody."""
    booth.send()
    booth.close_gate(Offline("The network is down."))

    status = booth.read_status()

    assert status.sentence == "The network is down. Nothing is waiting."
    assert status.has_nothing_waiting


def test_without_a_worker_leads_are_safe_and_wait(booth: Booth) -> None:
    """That matters more than the gate's last cause, because nothing is tried at all."""
    booth.saved("Ana", "Bob")
    booth.close_gate(Offline("The network is down."))

    status = booth.read_status()

    assert (status.crm_summary, status.sentence) == (
        "sending is not running",
        "Sending is not running: 2 leads safe on this device. Start it with `kiosk run`.",
    )
    assert not status.is_worker_running and not status.has_nothing_waiting


def test_all_is_on_its_way_then_in_the_crm(booth: Booth) -> None:
    """It is also said after the kiosk has closed: what is in the CRM stays there."""
    leads = booth.saved("Ana", "Bob")
    with hold_lock(booth.settings.worker_lock):
        before = booth.read_status()
        booth.deliver(*leads)
        after = booth.read_status()

    assert (before.sentence, before.crm_summary) == ("2 leads on the way to the CRM.", "CRM not contacted yet")
    assert (after.sentence, after.crm_summary) == ("Everything is in the CRM.", "CRM responded 0 s ago")
    assert (before.has_nothing_waiting, after.has_nothing_waiting) == (False, True)
    assert booth.read_status().sentence == "Everything is in the CRM."


@pytest.mark.parametrize(("badges", "sentence"), [(1, "1 lead needs you;"), (2, "2 leads need you;")])
def test_leads_that_need_a_person_do_not_wait_for_sending(booth: Booth, badges: int, sentence: str) -> None:
    """A person can see to them at the office."""
    for number in range(badges):
        booth.counter.show(f"PZD97W{number:04}")

    status = booth.read_status()

    assert status.sentence == f"{sentence} nothing else is left to send."
    assert status.has_nothing_waiting


def test_discarded_leads_wait_for_nothing(booth: Booth) -> None:
    """Every lead is delivered, needs a person, or is discarded: nothing is waiting."""
    ana, bob = booth.saved("Ana", "Bob")
    booth.deliver(ana)
    outbox.discard_lead(booth.counter.db, bob, "a competitor", "ana", booth.counter.clock)

    status = booth.read_status()

    assert status.has_nothing_waiting
    assert status.counts == outbox.OutboxCounts(delivered=1, discarded=1)


def test_nothing_scanned_is_nothing_to_send(booth: Booth) -> None:
    """The status before the first scan."""
    status = booth.read_status()

    assert (
        status.sentence,
        status.last_success_text,
        status.scanned_today,
    ) == ("Nothing to send.", "nothing sent yet", 0)


def test_the_age_of_the_last_success_is_shown(booth: Booth) -> None:
    """Once only: while the gate is open, the CRM's summary says it."""
    booth.deliver(*booth.saved("Ana"))
    booth.counter.clock.tick(300)

    assert booth.read_status().last_success_text == "CRM last worked 5 min ago"
    booth.send()
    assert (booth.read_status().crm_summary, booth.read_status().last_success_text) == ("CRM responded 5 min ago", "")


def test_an_answer_of_this_morning_does_not_say_that_the_crm_works_now(booth: Booth) -> None:
    """With nothing to send the CRM is not contacted, and nothing is claimed."""
    booth.send()
    booth.deliver(*booth.saved("Ana"))
    booth.counter.clock.tick(3 * 3600)

    status = booth.read_status()

    assert (status.crm_summary, status.sentence) == ("CRM not contacted for 3 h", "Everything is in the CRM.")


def test_today_begins_at_midnight_and_refused_badges_do_not_count(booth: Booth) -> None:
    """Two visitors yesterday, one today, and a WiFi code."""
    booth.saved("Ana", "Bob")
    booth.counter.clock.tick(24 * 3600)
    booth.saved("Eve")
    booth.counter.show("WIFI:S:x;;")

    assert booth.read_status().scanned_today == 1


def test_scripts_get_the_same_status(booth: Booth) -> None:
    """The counts, the sentences and the verdict."""
    booth.send()
    booth.saved("Ana", "Bob")
    booth.close_gate(Offline("The network is down."))

    status = booth.read_status()
    document = status.as_json()

    expected = {"waiting": 2, "delivered": 0, "cause": "offline", "crm": "offline", "safe_to_pack_up": False}
    assert expected.items() <= document.items()
    assert (status.sentence, round(status.gate_retry_seconds, 1)) == (
        document["sentence"],
        document["next_try_seconds"],
    )


def test_a_pause_comes_before_every_other_cause_and_hides_none(booth: Booth) -> None:
    """Since when, by whom, what is safe and how to resume; the CRM's own problem is named beside it."""
    booth.send()
    booth.saved("Ana", "Bob")
    booth.close_gate(Offline("The network is down."))
    before, clock = booth.read_status(), booth.counter.clock
    pause.pause_sending(booth.counter.db, "Ana", clock)
    at = format_time(clock.wall_time(), clock.wall_time())

    during = booth.read_status()
    pause.resume_sending(booth.counter.db)

    assert during.sentence == f"Sending has been paused since {at} by Ana. {SAFE} {HOW_TO_RESUME}"
    assert (
        during.crm_summary,
        during.last_success_text,
        during.is_sending,
    ) == ("sending paused, offline", "nothing sent yet", False)
    assert not during.has_nothing_waiting
    assert booth.read_status() == before


def test_a_pause_is_shown_without_a_worker_and_without_leads(booth: Booth) -> None:
    """It holds for tomorrow's scans; that resuming alone would send nothing is said, too."""
    clock = booth.counter.clock
    pause.pause_sending(booth.counter.db, "", clock)
    at = format_time(clock.wall_time(), clock.wall_time())

    status = booth.read_status()

    said = (
        f"Sending has been paused since {at}. Nothing to send. {HOW_TO_RESUME} "
        "Resuming alone sends nothing: no kiosk is running. Start it with `kiosk run`."
    )
    assert (
        status.sentence,
        status.crm_summary,
        status.has_nothing_waiting,
    ) == (said, "sending paused, sending is not running", True)


def test_scripts_get_since_when_sending_is_paused_and_by_whom(booth: Booth) -> None:
    """And nothing where it is not paused; the gate's cause is beside it."""
    booth.close_gate(Offline("The network is down."))
    before = booth.read_status().as_json()
    pause.pause_sending(booth.counter.db, "Ana", booth.counter.clock)

    during = booth.read_status().as_json()

    assert (before["paused"], before["cause"]) == (None, "offline")
    assert ({"since": booth.counter.clock.wall_time(), "operator": "Ana"}, "offline") == (
        during["paused"],
        during["cause"],
    )
