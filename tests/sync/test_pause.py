"""A person pauses sending: what is under way ends, no call is made after it, and nothing is lost or spent by that."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from data import gates, outbox, pause
from data.gates import Gate
from data.pause import SendingPause
from data.store import Store, open_store, write_transaction
from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead
from sync.drain import Drain
from sync.errors import BatchRefused, CrmDown, NotAuthorised, Offline, OutcomeUnknown, SyncError, Throttled
from tests.support.clock import FakeClock
from tests.support.scripted_connector import Answer, ScriptedConnector, accept_all, fail_for, fail_with, run_drain

Save = Callable[..., list[str]]

OWED = "select lead_id, state, attempts, setbacks, due, cause, delivered_revision from outbox order by lead_id"


class Hand:
    """Another process of this kiosk, in which a person pauses and resumes sending."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        self.db = open_store(path)
        self.clock = clock

    def pause(self) -> None:
        """Pause."""
        assert pause.pause_sending(self.db, "Ana", self.clock)

    def resume(self) -> None:
        """Go on."""
        assert pause.resume_sending(self.db)

    def owed(self) -> list[tuple[object, ...]]:
        """All that is known of every lead's delivery."""
        return [tuple(row) for row in self.db.execute(OWED)]

    def states(self) -> dict[str, tuple[Any, ...]]:
        """State, attempts and cause of each lead."""
        rows = self.db.execute("select lead_id, state, attempts, cause from outbox")
        return {row["lead_id"]: tuple(row)[1:] for row in rows}


class PausedIn(ScriptedConnector):
    """A CRM during whose call number *call* somebody pauses sending."""

    def __init__(self, answer: Answer, hand: Hand, call: int, batch_size: int = 8) -> None:
        super().__init__(answer, batch_size)
        self.hand = hand
        self.call = call

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Answer, after the pause began."""
        if len(self.calls) + 1 == self.call:
            self.hand.pause()
        return await super().push(batch_id, leads)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def hand(tmp_path: Path, store: Store, clock: FakeClock) -> Iterator[Hand]:
    """Somebody in another process."""
    found = Hand(tmp_path / "practice" / "kiosk.db", clock)
    yield found
    found.db.close()


@pytest.fixture
def many(store: Store, save_leads: Save) -> list[str]:
    """Twenty leads that wait, in the order in which they are sent."""
    return sorted(save_leads(store, *(f"visitor{number:02}@initech.com" for number in range(20))), reverse=True)


CLOSED = Gate("told", False, "offline", "No network.", 5.0, 1e9, "boot-1", 7)
REFUSED = Gate("told", False, "not authorised", "Renew the token.", 5.0, 1e9, "boot-1", 1, credential="ab12")


@pytest.mark.parametrize("options", [{}, {"probe": True}, {"now": True}, {"now": True, "probe": True}], ids=str)
@pytest.mark.parametrize("gate", [Gate("told"), CLOSED, REFUSED], ids=["open", "offline", "refused"])
def test_while_it_lasts_nothing_is_called_and_nothing_changes(
    store: Store, many: list[str], clock: FakeClock, hand: Hand, gate: Gate, options: dict[str, bool]
) -> None:
    """Neither for a probe nor for *sync now*; retries keep waiting, and the gate keeps its cause."""
    with write_transaction(store):
        gates.write_gate(store, gate)
        outbox.postpone_lead(store, many[0], clock, seconds=60, cause="retry", reason="Trouble.", is_attempt=True)
    crm, before = ScriptedConnector(accept_all), hand.owed()
    hand.pause()

    summary = run_drain(Drain(store, crm, clock), **options)

    assert (crm.calls, hand.owed(), gates.read_gate(store, "told")) == ([], before, gate)
    assert (SendingPause(clock.wall_time(), "Ana"), 0, {}) == (summary.paused, summary.calls, summary.reasons)


def test_the_running_call_ends_and_no_other_is_made_until_sending_is_resumed(
    store: Store, many: list[str], clock: FakeClock, hand: Hand
) -> None:
    """Its outcomes are kept; afterwards each lead is sent once."""
    crm = PausedIn(accept_all, hand, call=1)
    drain = Drain(store, crm, clock)

    during = run_drain(drain)
    again = run_drain(drain, now=True)
    hand.resume()
    after = run_drain(drain)

    assert (during.delivered, again.delivered, after.delivered) == (8, 0, 12)
    assert tuple(bool(one.paused) for one in (during, again, after)) == (True, True, False)
    assert [lead for call in crm.calls for lead in call] == many


BAD = [
    BatchRefused("Company is missing.", code="400"),
    CrmDown("Trouble."),
    OutcomeUnknown("No answer."),
    BatchRefused("Too large.", is_too_big=True),
]


@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("error", BAD, ids=lambda error: f"{type(error).__name__} {error}")
def test_wherever_in_a_search_for_a_bad_lead_it_comes_no_call_is_made_after_it(
    store: Store, many: list[str], clock: FakeClock, hand: Hand, error: SyncError, call: int
) -> None:
    """Halves, canaries and repeats too. The good are blamed for nothing, and in the end all is as without a pause."""
    bad = many[5]
    answer = too_large if getattr(error, "is_too_big", False) else fail_for([bad], error)
    crm = PausedIn(answer, hand, call)
    drain = Drain(store, crm, clock)

    run_drain(drain)
    calls, states = len(crm.calls), hand.states()
    hand.resume()
    while run_drain(drain).calls and hand.states()[bad][:2] not in (("waiting", 1), ("needs you", 0)):
        pass

    assert calls == call
    assert {("waiting", 0, ""), ("delivered", 0, "")} >= {states[lead] for lead in many if lead != bad}
    assert states[bad][1] <= 1
    ends = hand.states()
    assert [ends[lead][0] for lead in many if lead != bad] == ["delivered"] * 19
    assert end_of(answer, bad) == ends[bad]


def too_large(leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """A CRM that takes no more than three at once."""
    if len(leads) > 3:
        raise BatchRefused("Too large.", is_too_big=True)
    return accept_all(leads)


def end_of(answer: Answer, bad: str) -> tuple[object, ...]:
    """The outcome of the bad lead without a pause."""
    if answer is too_large:
        return ("delivered", 0, "")
    try:
        answer([OutgoingLead(bad, 1, None, {})])  # type: ignore[arg-type]
    except BatchRefused:
        return ("needs you", 0, "rejected")
    except CrmDown:
        return ("waiting", 1, "retry")
    except OutcomeUnknown:
        return ("waiting", 0, "retry")  # the first four unknown outcomes are no attempts
    raise AssertionError


@pytest.mark.parametrize(
    "fault", [Offline("No network."), Throttled("Wait.", retry_after=99.0), NotAuthorised("Renew it.")], ids=repr
)
def test_a_call_that_ends_during_a_pause_closes_the_gate_with_its_cause(
    store: Store, many: list[str], clock: FakeClock, hand: Hand, fault: SyncError
) -> None:
    """That is known then, and kept through the pause; nobody's attempts are spent."""
    crm = PausedIn(fail_with(fault), hand, call=1)
    drain = Drain(store, crm, clock)

    summary = run_drain(drain)
    run_drain(drain, now=True)

    gate = gates.read_gate(store, "told")
    assert (False, str(fault), 1) == (gate.is_open, gate.sentence, gate.failures)
    assert (len(crm.calls), summary.reasons) == (1, {str(fault): 1})
    assert set(hand.states().values()) == {("waiting", 0, "")}


def test_a_probe_that_ends_during_a_pause_opens_the_gate(
    store: Store, many: list[str], clock: FakeClock, hand: Hand
) -> None:
    """And nothing follows it."""
    with write_transaction(store):
        gates.write_gate(store, CLOSED)
    crm = PausedIn(accept_all, hand, call=1)

    run_drain(Drain(store, crm, clock), probe=True)

    assert [many[:1]] == crm.calls
    assert gates.read_gate(store, "told").is_open


def test_a_suspicion_that_could_not_be_proved_closes_no_gate(
    store: Store, many: list[str], clock: FakeClock, hand: Hand
) -> None:
    """A failed call alone does not tell whose fault it was; what would tell it is asked after the pause."""
    crm = PausedIn(fail_with(CrmDown("Trouble.")), hand, call=1)
    drain = Drain(store, crm, clock)

    run_drain(drain)
    during = gates.read_gate(store, "told")
    hand.resume()
    run_drain(drain)

    assert (during.is_open, gates.read_gate(store, "told").cause) == (True, "CRM down")
    assert {state[:2] for state in hand.states().values()} == {("waiting", 0)}


class Slow(PausedIn):
    """Takes a while for each call, so that as many are under way as may be."""

    max_parallel_pushes = 4

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Answer, a moment later."""
        found = await super().push(batch_id, leads)
        await asyncio.sleep(0.05)
        return found


@pytest.mark.parametrize("answer", [accept_all, fail_with(Offline("No network."))], ids=["takes all", "offline"])
def test_of_several_calls_at_once_all_end_and_no_fifth_is_made(
    store: Store, many: list[str], clock: FakeClock, hand: Hand, answer: Answer
) -> None:
    """Each has its receipt, none is left open, and whether the gate closes is for them to say."""
    crm = Slow(answer, hand, call=4, batch_size=2)

    summary = run_drain(Drain(store, crm, clock))

    receipts = store.execute("select count(*) from deliveries").fetchone()[0]
    assert (len(crm.calls), receipts, count_rows(store, "batches where ended_at is null")) == (4, 8, 0)
    assert (8 if answer is accept_all else 0, answer is accept_all) == (summary.delivered, summary.gate.is_open)


def count_rows(db: Store, which: str) -> int:
    """How many rows there are."""
    return int(db.execute(f"select count(*) from {which}").fetchone()[0])


class Asked(ScriptedConnector):
    """A CRM that is asked without a lead, and whose answer gets lost; meanwhile somebody may pause sending."""

    def __init__(self, hand: Hand) -> None:
        super().__init__(accept_all)
        self.hand = hand
        self.asked = 0

    async def check_setup(self) -> list[CheckResult]:
        """Say nothing."""
        self.asked += 1
        if self.asked == 1:
            self.hand.pause()
        raise OutcomeUnknown("No answer.")


def test_the_crm_is_not_asked_a_second_time_how_it_is(store: Store, clock: FakeClock, hand: Hand) -> None:
    """That is a call too, though it sends no lead; nor is it asked by the next *sync now*."""
    crm = Asked(hand)
    drain = Drain(store, crm, clock)

    run_drain(drain, now=True)
    run_drain(drain, now=True)

    assert (crm.asked, crm.calls) == (1, [])


def test_whether_the_configuration_is_at_fault_is_found_after_the_pause(
    store: Store, many: list[str], clock: FakeClock, hand: Hand
) -> None:
    """Three were refused alike, and the pause prevented finding the cause: the next refusal finds it."""
    with write_transaction(store):
        outbox.settle_lead(store, many[-1], 1, "C-1", clock.wall_time(), "told")
    crm = PausedIn(fail_with(BatchRefused("A field is missing.", code="400")), hand, call=3, batch_size=1)
    drain = Drain(store, crm, clock)

    run_drain(drain)
    during = outbox.count_leads(store)
    hand.resume()
    summary = run_drain(drain)

    assert (during.needs_you, summary.gate.cause) == (3, "set-up")
    assert outbox.count_leads(store) == outbox.OutboxCounts(waiting=19, delivered=1)


def test_a_pause_that_was_over_before_anybody_looked_changes_nothing(
    store: Store, many: list[str], clock: FakeClock, hand: Hand
) -> None:
    """It lasts from one call to the next only where it lasts."""

    def answer(leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        hand.pause()
        hand.resume()
        return {lead.id: Delivered(f"C-{lead.id}") for lead in leads}

    crm = ScriptedConnector(answer, batch_size=8)

    assert run_drain(Drain(store, crm, clock)).delivered == 20
    assert [lead for call in crm.calls for lead in call] == many
