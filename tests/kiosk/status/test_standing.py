"""How everything stands, in words: for each cause for which the gate closes, and on whether it is safe to pack up."""

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
from kiosk.status.wording import HOW_TO_RESUME, format_time
from sync import errors
from sync.errors import DestinationFault, Offline
from sync.file_lock import hold_lock
from sync.gate import close_gate, open_gate
from tests.kiosk.conftest import Counter, vcard

SAFE = "2 leads safe on this device."


class Desk:
    """A counter, its settings, and a sender that runs or not."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.settings = Settings(event=EventSettings("Expo 2026"), data=DataSettings(str(folder)))
        self.counter = Counter(self.settings.database_file).open()
        self.stack = stack

    def saved(self, *names: str) -> list[str]:
        """Show the badges of visitors; the ids of their leads."""
        leads = [self.counter.show(vcard(name, f"{name.lower()}@x.example")).lead for name in names]
        return [lead.id for lead in leads if lead]

    def send(self) -> None:
        """Start a sender."""
        self.stack.enter_context(hold_lock(self.settings.worker_lock))

    def put(self, gate: Gate) -> None:
        """Write down how the destination stands."""
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

    def stands(self) -> KioskStatus:
        """How everything stands now."""
        return read_kiosk_status(self.counter.db, self.settings, self.counter.clock)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk without a sender, and with nothing scanned."""
    with ExitStack() as stack:
        found = Desk(tmp_path, stack)
        stack.callback(found.counter.db.close)
        yield found


def faults(kind: type[DestinationFault] = DestinationFault) -> list[DestinationFault]:
    """One of every kind of fault for which the gate closes."""
    return [one for each in kind.__subclasses__() for one in (each(f"Of {each.cause}."), *faults(each))]


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: type(fault).__name__)
def test_a_closed_gate_says_why_what_is_safe_and_when_it_is_tried(desk: Desk, fault: DestinationFault) -> None:
    """The CRM's trouble in its own words, the count, and the next try; the cause stands for it in a few words."""
    desk.send()
    desk.saved("Ana", "Bob")
    seconds = desk.close_gate(fault)

    standing = desk.stands()

    assert fault.cause == standing.crm_summary
    assert standing.sentence.startswith(f"{fault} {SAFE} ")
    assert standing.sentence.endswith(("Trying now.", " s.", " min.", " h."))
    assert pytest.approx(standing.gate_retry_seconds) == seconds
    assert not standing.has_nothing_waiting


def test_every_cause_has_a_test() -> None:
    """The list above is all that `sync.errors` has."""
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DestinationFault)}

    assert kinds - {DestinationFault} <= {type(fault) for fault in faults()}


def test_a_try_that_is_due_is_made_now(desk: Desk) -> None:
    """Nobody is told to wait for what has begun."""
    desk.send()
    desk.saved("Ana", "Bob")
    desk.counter.clock.tick(desk.close_gate(Offline("The network is down.")))

    assert desk.stands().sentence == f"The network is down. {SAFE} Trying now."


def test_a_closed_gate_with_nothing_to_send_counts_nothing(desk: Desk) -> None:
    """`0 leads` would say nothing to anybody."""
    desk.send()
    desk.close_gate(Offline("The network is down."))

    standing = desk.stands()

    assert standing.sentence == "The network is down. Nothing waits."
    assert standing.has_nothing_waiting


def test_without_a_sender_leads_are_safe_and_wait(desk: Desk) -> None:
    """That comes before what the gate said last: nothing is tried at all."""
    desk.saved("Ana", "Bob")
    desk.close_gate(Offline("The network is down."))

    standing = desk.stands()

    assert (standing.crm_summary, standing.sentence) == ("sender stopped", f"The sender is not running: {SAFE}")
    assert not standing.is_worker_running and not standing.has_nothing_waiting


def test_all_is_on_its_way_then_in_the_crm(desk: Desk) -> None:
    """Also when the kiosk has ended: what is in the CRM stays there."""
    leads = desk.saved("Ana", "Bob")
    with hold_lock(desk.settings.worker_lock):
        before = desk.stands()
        desk.deliver(*leads)
        after = desk.stands()

    assert (before.sentence, before.crm_summary) == ("2 leads on the way to the CRM.", "CRM not asked yet")
    assert (after.sentence, after.crm_summary) == ("Everything is in the CRM.", "CRM answered 0 s ago")
    assert (before.has_nothing_waiting, after.has_nothing_waiting) == (False, True)
    assert desk.stands().sentence == "Everything is in the CRM."


@pytest.mark.parametrize(("badges", "sentence"), [(1, "1 lead needs a person;"), (2, "2 leads need a person;")])
def test_what_needs_a_person_may_be_packed_up(desk: Desk, badges: int, sentence: str) -> None:
    """It waits for nobody but a person, who can see to it at the office."""
    for number in range(badges):
        desk.counter.show(f"PZD97W{number:04}")

    standing = desk.stands()

    assert standing.sentence == f"{sentence} nothing else is left to send."
    assert standing.has_nothing_waiting


def test_discarded_leads_wait_for_nothing(desk: Desk) -> None:
    """Scanned = in the CRM + needs you + discarded: then it is safe."""
    ana, bob = desk.saved("Ana", "Bob")
    desk.deliver(ana)
    outbox.discard_lead(desk.counter.db, bob, "a competitor", "ana", desk.counter.clock)

    standing = desk.stands()

    assert standing.has_nothing_waiting
    assert standing.counts == outbox.OutboxCounts(delivered=1, discarded=1)


def test_nothing_scanned_is_nothing_to_send(desk: Desk) -> None:
    """The very first look."""
    standing = desk.stands()

    assert (
        standing.sentence,
        standing.last_success_text,
        standing.scanned_today,
    ) == ("Nothing to send.", "nothing sent yet", 0)


def test_the_last_success_is_told_by_how_long_ago_it_was(desk: Desk) -> None:
    """As people say it, and once: while the gate is open, the CRM's own words tell it."""
    desk.deliver(*desk.saved("Ana"))
    desk.counter.clock.tick(300)

    assert desk.stands().last_success_text == "last success 5 min ago"
    desk.send()
    assert (desk.stands().crm_summary, desk.stands().last_success_text) == ("CRM answered 5 min ago", "")


def test_an_answer_of_this_morning_does_not_say_that_the_crm_works_now(desk: Desk) -> None:
    """With nothing to send nobody asks, and nothing is claimed."""
    desk.send()
    desk.deliver(*desk.saved("Ana"))
    desk.counter.clock.tick(3 * 3600)

    standing = desk.stands()

    assert (standing.crm_summary, standing.sentence) == ("CRM not asked for 3 h", "Everything is in the CRM.")


def test_today_begins_at_midnight_and_refused_badges_do_not_count(desk: Desk) -> None:
    """Two visitors yesterday, one today, and a WiFi code."""
    desk.saved("Ana", "Bob")
    desk.counter.clock.tick(24 * 3600)
    desk.saved("Eve")
    desk.counter.show("WIFI:S:x;;")

    assert desk.stands().scanned_today == 1


def test_a_script_gets_the_same(desk: Desk) -> None:
    """The numbers, the words and the verdict."""
    desk.send()
    desk.saved("Ana", "Bob")
    desk.close_gate(Offline("The network is down."))

    stands = desk.stands()
    told = stands.as_json()

    expected = {"waiting": 2, "delivered": 0, "cause": "offline", "crm": "offline", "safe_to_pack_up": False}
    assert expected.items() <= told.items()
    assert (stands.sentence, round(stands.gate_retry_seconds, 1)) == (told["sentence"], told["next_try_seconds"])


def test_a_pause_comes_before_every_other_cause_and_takes_none_away(desk: Desk) -> None:
    """Since when, by whom, what is safe and how to go on; the CRM's own trouble is named beside it, and stays."""
    desk.send()
    desk.saved("Ana", "Bob")
    desk.close_gate(Offline("The network is down."))
    before, clock = desk.stands(), desk.counter.clock
    pause.pause_sending(desk.counter.db, "Ana", clock)
    at = format_time(clock.wall_time(), clock.wall_time())

    during = desk.stands()
    pause.resume_sending(desk.counter.db)

    assert during.sentence == f"Sending has been paused since {at} by Ana: {SAFE} {HOW_TO_RESUME}"
    assert (
        during.crm_summary,
        during.last_success_text,
        during.is_sending,
    ) == ("sending paused, offline", "nothing sent yet", False)
    assert not during.has_nothing_waiting
    assert desk.stands() == before


def test_a_pause_is_said_without_a_sender_and_without_leads(desk: Desk) -> None:
    """It holds for what is scanned tomorrow; that going on alone would not send anything is said, too."""
    clock = desk.counter.clock
    pause.pause_sending(desk.counter.db, "", clock)
    at = format_time(clock.wall_time(), clock.wall_time())

    standing = desk.stands()

    said = f"Nothing to send. Sending has been paused since {at}. {HOW_TO_RESUME} The sender is not running either."
    assert (
        standing.sentence,
        standing.crm_summary,
        standing.has_nothing_waiting,
    ) == (said, "sending paused, sender stopped", True)


def test_a_script_gets_since_when_sending_is_paused_and_by_whom(desk: Desk) -> None:
    """And nothing where it is not; the gate's cause is told beside it."""
    desk.close_gate(Offline("The network is down."))
    before = desk.stands().as_json()
    pause.pause_sending(desk.counter.db, "Ana", desk.counter.clock)

    during = desk.stands().as_json()

    assert (before["paused"], before["cause"]) == (None, "offline")
    assert ({"since": desk.counter.clock.wall_time(), "operator": "Ana"}, "offline") == (
        during["paused"],
        during["cause"],
    )
