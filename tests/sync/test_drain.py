"""Draining the outbox, with a real database and a scripted connector, or the practice CRM."""

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from data import batches, gates, leads, outbox
from data.store import Store
from sync.canary import RECENT_SECONDS
from sync.connectors.base import Delivered, Outcome, OutgoingLead, Rejected, Retry
from sync.connectors.practice import PracticeConnector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.errors import BatchRefused, CrmDown, LoginPage, NotAuthorised, Offline, OutcomeUnknown, SyncError, Throttled
from sync.isolation_steps import MAX_FAILING_LEADS
from sync.outcomes import MAX_ATTEMPTS, MAX_FREE_UNKNOWN_OUTCOMES
from tests.support.scripted_connector import (
    Answer,
    ManualClock,
    Save,
    ScriptedConnector,
    accept_all,
    fail_for,
    fail_with,
    run_drain,
)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that a test moves."""
    return ManualClock()


@pytest.fixture
def many(store: Store, save_leads: Save) -> list[str]:
    """Twenty leads that wait, in the order in which they are sent."""
    saved = save_leads(store, *(f"visitor{number:02}@initech.com" for number in range(20)))
    return sorted(saved, reverse=True)


def make_proven_drain(store: Store, clock: ManualClock, batch_size: int = 100) -> tuple[ScriptedConnector, Drain]:
    """A CRM that works and has taken all that waited, and its drain."""
    crm = ScriptedConnector(accept_all, batch_size)
    drain = Drain(store, crm, clock)
    run_drain(drain)
    return crm, drain


def read_row(db: Store, lead_id: str) -> tuple[str, int, str]:
    """Return a lead's state, attempts and cause."""
    row = db.execute("select state, attempts, cause from outbox where lead_id = ?", (lead_id,)).fetchone()
    return row["state"], row["attempts"], row["cause"]


DONE = ("delivered", 0, "")
UNTOUCHED = ("waiting", 0, "")


def test_all_that_is_due_is_delivered_in_batches(store: Store, many: list[str], clock: ManualClock) -> None:
    """No more in a call than the connector takes, each lead once, and each has its receipt."""
    crm = ScriptedConnector(accept_all, batch_size=8)

    summary = run_drain(Drain(store, crm, clock))

    assert [len(call) for call in crm.calls] == [8, 8, 4]
    assert [lead for call in crm.calls for lead in call] == many
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=20)
    assert (
        summary.delivered, summary.rejected, summary.postponed, summary.calls, summary.gate.is_open,
    ) == (20, 0, 0, 3, True)  # fmt: skip
    assert [receipt.outcome for receipt in batches.list_receipts(store, many[0])] == ["delivered"]


def test_what_is_delivered_is_not_sent_again(store: Store, many: list[str], clock: ManualClock) -> None:
    """A second run finds nothing to do."""
    crm = ScriptedConnector(accept_all)
    run_drain(Drain(store, crm, clock))

    summary = run_drain(Drain(store, crm, clock))

    assert (len(crm.calls), summary.calls) == (1, 0)


def test_leads_reach_the_practice_crm(store: Store, many: list[str], clock: ManualClock, practice_crm: Any) -> None:
    """With the CRM's own ids coming back, over real HTTP."""
    connector = PracticeConnector(practice_crm.folder)
    drain = Drain(store, connector, clock)

    async def deliver() -> DrainSummary:
        try:
            return await drain.run()
        finally:
            await connector.aclose()

    summary = asyncio.run(deliver())

    found = {contact["client_id"]: contact["id"] for contact in practice_crm.contacts()}
    remote = dict(map(tuple, store.execute("select lead_id, remote_id from outbox")))
    assert (summary.delivered, summary.calls) == (20, 1)
    assert found == remote


OUTAGES = [
    Offline("No network."),
    LoginPage("Sign in."),
    CrmDown("Trouble."),
    OutcomeUnknown("No answer."),
    Throttled("Wait.", retry_after=17.0),
    NotAuthorised("Renew the token."),
]


@pytest.mark.parametrize("fault", OUTAGES, ids=lambda fault: type(fault).__name__)
def test_an_outage_closes_the_gate_and_spends_no_attempts(
    store: Store, many: list[str], clock: ManualClock, fault: SyncError
) -> None:
    """However long it lasts; while the gate is closed nothing is sent, and a probe is one lead."""
    crm = ScriptedConnector(fail_with(fault), batch_size=8)
    drain = Drain(store, crm, clock)

    first = run_drain(drain)
    calls = len(crm.calls)
    run_drain(drain)
    held = len(crm.calls)
    for _ in range(MAX_ATTEMPTS * 2):
        clock.now += 100_000.0
        run_drain(drain)

    assert calls <= 3
    assert calls == held
    assert (False, str(fault)) == (first.gate.is_open, first.gate.sentence)
    assert sorted({len(call) for call in crm.calls[calls:]}) == [1]
    assert {read_row(store, lead) for lead in many} == {UNTOUCHED}


def test_a_gate_that_opens_lets_everything_go_at_once(store: Store, many: list[str], clock: ManualClock) -> None:
    """A probe of one lead, and then as many as fit."""
    crm = ScriptedConnector(fail_with(Offline("No network.")))
    drain = Drain(store, crm, clock)
    run_drain(drain)
    crm.answer, crm.calls = accept_all, []
    clock.now += 10.0

    summary = run_drain(drain)

    assert [len(call) for call in crm.calls] == [1, 19]
    assert (summary.delivered, summary.gate.is_open, summary.gate.cause) == (20, True, "")


def test_a_person_can_have_it_tried_before_its_time(store: Store, many: list[str], clock: ManualClock) -> None:
    """*now* asks nobody's leave, also of leads that back off."""
    crm = ScriptedConnector(fail_with(NotAuthorised("Renew the token.")))
    drain = Drain(store, crm, clock)
    run_drain(drain)
    crm.answer = accept_all

    assert (run_drain(drain).delivered, run_drain(drain, now=True).delivered) == (0, 20)


def test_a_throttled_gate_waits_as_long_as_the_crm_says(store: Store, many: list[str], clock: ManualClock) -> None:
    """To the second; and it survives a restart of the worker."""
    crm = ScriptedConnector(fail_with(Throttled("Wait.", retry_after=17.0)))
    run_drain(Drain(store, crm, clock))
    crm.answer = accept_all

    clock.now += 16.9
    early = run_drain(Drain(store, crm, clock))
    clock.now += 0.2
    late = run_drain(Drain(store, crm, clock))

    assert (early.delivered, late.delivered) == (0, 20)


def test_a_wait_from_before_a_restart_of_the_machine_is_over(store: Store, many: list[str], clock: ManualClock) -> None:
    """The clock restarted, and its earlier times mean nothing."""
    run_drain(Drain(store, ScriptedConnector(fail_with(NotAuthorised("Renew the token."))), clock))
    clock.boot_id, clock.now = "boot-2", 1.0

    assert run_drain(Drain(store, ScriptedConnector(accept_all), clock)).delivered == 20


@pytest.mark.parametrize("bad", [0, 7, 19])
def test_the_one_lead_that_a_batch_is_refused_for_is_found_and_parked(
    store: Store, many: list[str], clock: ManualClock, bad: int
) -> None:
    """With the CRM's words; all others are delivered, in few calls."""
    crm = ScriptedConnector(fail_for([many[bad]], BatchRefused("Company is missing.", code="400")))

    summary = run_drain(Drain(store, crm, clock))

    row = store.execute("select state, cause, reason from outbox where lead_id = ?", (many[bad],)).fetchone()
    assert tuple(row) == ("needs you", "rejected", "Company is missing.")
    assert (summary.delivered, summary.rejected, summary.gate.is_open) == (19, 1, True)
    assert len(crm.calls) <= 2 * math.log2(len(many)) + 3
    assert summary.reasons == {"Company is missing.": 1}


def test_a_lead_that_is_named_as_bad_holds_up_no_other(store: Store, many: list[str], clock: ManualClock) -> None:
    """One call is enough."""
    bad = many[3]
    crm = ScriptedConnector(lambda sent: {**accept_all(sent), bad: Rejected("email: no.", "rejected", 200)})

    summary = run_drain(Drain(store, crm, clock))

    assert (summary.delivered, summary.rejected, summary.calls) == (19, 1, 1)
    assert read_row(store, bad) == ("needs you", 0, "rejected")


def test_a_batch_that_is_too_big_goes_in_smaller_ones(store: Store, many: list[str], clock: ManualClock) -> None:
    """Nobody is at fault."""

    def small_only(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        if len(sent) > 6:
            raise BatchRefused("Too much at once.", code="413", is_too_big=True)
        return accept_all(sent)

    assert run_drain(Drain(store, ScriptedConnector(small_only), clock)).delivered == 20


def test_refusing_every_lead_for_one_reason_is_a_configuration_fault(
    store: Store, many: list[str], clock: ManualClock
) -> None:
    """After three of them the gate closes; none of them needs a person, and none is spent."""
    crm = ScriptedConnector(fail_with(BatchRefused("Property booth_lead_id is missing.", code="400")), batch_size=1)

    summary = run_drain(Drain(store, crm, clock))

    assert (len(crm.calls), summary.gate.cause, summary.delivered) == (3, "set-up", 0)
    assert "booth_lead_id is missing" in summary.gate.sentence
    assert {read_row(store, lead) for lead in many} == {UNTOUCHED}


def test_bad_leads_in_a_row_are_not_a_configuration_fault(store: Store, many: list[str], clock: ManualClock) -> None:
    """Where the CRM still takes a lead that it has already, those it refuses alike are at fault themselves."""
    bad = many[5:12]
    crm = ScriptedConnector(fail_for(bad, BatchRefused("Company is missing.", code="400")), batch_size=1)

    summary = run_drain(Drain(store, crm, clock))

    assert (summary.delivered, summary.rejected, summary.gate.is_open) == (13, 7, True)
    assert {read_row(store, lead) for lead in bad} == {("needs you", 0, "rejected")}
    assert {read_row(store, lead) for lead in many if lead not in bad} == {DONE}


def test_a_mapping_that_broke_during_the_show_is_a_configuration_fault(
    store: Store, many: list[str], clock: ManualClock, save_leads: Save
) -> None:
    """What it took before, the CRM refuses now too: no lead is at fault, and all that were delivered stay so."""
    crm = ScriptedConnector(accept_all, batch_size=1)
    run_drain(Drain(store, crm, clock))
    new = save_leads(store, *(f"new{number}@initech.com" for number in range(4)))
    crm.answer = fail_with(BatchRefused("Property booth_lead_id is missing.", code="400"))

    summary = run_drain(Drain(store, crm, clock))

    assert summary.gate.cause == "set-up"
    assert {read_row(store, lead) for lead in new} == {UNTOUCHED}
    assert {read_row(store, lead) for lead in many} == {DONE}


def test_after_an_unknown_outcome_the_same_ids_go_again(
    store: Store, many: list[str], clock: ManualClock, practice_crm: Any
) -> None:
    """The CRM took the leads and its answer was lost: in the end there is one record of each."""
    connector = PracticeConnector(practice_crm.folder)
    drain = Drain(store, connector, clock)

    async def deliver() -> tuple[DrainSummary, DrainSummary]:
        practice_crm.set_faults(lost_answers=1)
        lost = await drain.run()
        practice_crm.set_faults(lost_answers=0)
        clock.now += 400.0
        found = await drain.run()
        await connector.aclose()
        return lost, found

    lost, found = asyncio.run(deliver())

    assert (lost.delivered, lost.gate.cause) == (0, "CRM down")
    assert (found.delivered, found.gate.is_open) == (20, True)
    assert practice_crm.stats()["repeats"] > 0
    assert sorted(many) == sorted(contact["client_id"] for contact in practice_crm.contacts())
    assert {read_row(store, lead) for lead in many} == {DONE}
    assert [receipt.outcome for receipt in batches.list_receipts(store, many[-1]) if receipt.outcome != "CRM down"] == [
        "unsure",
        "unsure",
        "delivered",
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_one_lost_answer_is_not_a_leads_fault(store: Store, many: list[str], clock: ManualClock, count: int) -> None:
    """Where the next call succeeds, no attempts are spent, and no lead waits."""
    lost = iter([True])

    def answer(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        if next(lost, False):
            raise OutcomeUnknown("No answer.")
        return accept_all(sent)

    for lead in many[count:]:
        outbox.discard_lead(store, lead, "not for this test", "", clock)
    crm = ScriptedConnector(answer)

    summary = run_drain(Drain(store, crm, clock))
    clock.now += 10.0
    run_drain(Drain(store, crm, clock))

    assert {read_row(store, lead) for lead in many[:count]} == {DONE}
    assert summary.postponed == 0


TROUBLES = [CrmDown("The CRM is in trouble (it answers 500)."), OutcomeUnknown("No answer.")]


@pytest.mark.parametrize("place", [1, 11, 19])
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: type(trouble).__name__)
def test_a_lead_that_alone_fails_while_others_pass_is_parked_in_the_end(
    store: Store, many: list[str], clock: ManualClock, trouble: SyncError, place: int
) -> None:
    """Others are delivered at once; it backs off alone, and goes to a person after so many failures of its own."""
    poison = many[place]
    crm = ScriptedConnector(fail_for([poison], trouble))
    drain = Drain(store, crm, clock)

    first = run_drain(drain)
    attempts = [read_row(store, poison)]
    while read_row(store, poison)[0] == "waiting" and len(attempts) < 20:
        clock.now += 10_000.0
        run_drain(drain)
        attempts.append(read_row(store, poison))

    assert (first.delivered, first.postponed, first.gate.is_open) == (19, 1, True)
    free = MAX_FREE_UNKNOWN_OUTCOMES if isinstance(trouble, OutcomeUnknown) else 0
    assert attempts[:free] == [("waiting", 0, "retry")] * free
    assert [("waiting", number, "retry") for number in range(1, MAX_ATTEMPTS)] == attempts[free:-1]
    assert attempts[-1][0] == "needs you"
    assert {read_row(store, lead) for lead in many if lead != poison} == {DONE}


def test_a_lead_that_fails_first_of_all_holds_up_the_others_for_one_probe(
    store: Store, many: list[str], clock: ManualClock
) -> None:
    """Nothing tells it from a CRM that is down, until another lead is tried."""
    crm = ScriptedConnector(fail_for([many[0]], TROUBLES[0]))
    drain = Drain(store, crm, clock)

    first = run_drain(drain)
    clock.now += 10.0
    second = run_drain(drain)

    assert (first.delivered, first.gate.is_open) == (0, False)
    assert (second.delivered, second.gate.is_open) == (19, True)


@pytest.mark.parametrize("places", [(3, 4), (1, 19), (2, 3, 4, 5)])
def test_several_leads_that_fail_alone_are_distinguished_from_the_rest(
    store: Store, many: list[str], clock: ManualClock, places: tuple[int, ...]
) -> None:
    """They are charged with their failures, and the rest is delivered."""
    poison = [many[place] for place in places]
    drain = Drain(store, ScriptedConnector(fail_for(poison, TROUBLES[0])), clock)

    for _ in range(3):
        run_drain(drain)
        clock.now += 10.0

    assert {read_row(store, lead)[::2] for lead in poison} == {("waiting", "retry")}
    assert {read_row(store, lead) for lead in many if lead not in poison} == {DONE}


def test_a_fault_during_the_isolation_counts(store: Store, many: list[str], clock: ManualClock) -> None:
    """A lost answer and then a 429: the gate waits as long as the CRM says."""
    answers = iter([fail_with(OutcomeUnknown("No answer.")), fail_with(Throttled("Wait.", retry_after=800.0))])
    crm = ScriptedConnector(lambda sent: next(answers)(sent))

    summary = run_drain(Drain(store, crm, clock))

    assert (summary.gate.cause, summary.gate.seconds_left(clock)) == ("throttled", 800.0)


def test_a_lead_that_fails_alone_with_nobody_to_compare_is_not_charged(
    store: Store, clock: ManualClock, save_leads: Save
) -> None:
    """Then it may as well be the CRM."""
    (only,) = save_leads(store, "only@initech.com")
    crm = ScriptedConnector(fail_with(CrmDown("Trouble.")))

    summary = run_drain(Drain(store, crm, clock))

    assert (read_row(store, only), summary.gate.cause) == (UNTOUCHED, "CRM down")


def test_a_crm_that_has_trouble_with_every_lead_is_down(store: Store, many: list[str], clock: ManualClock) -> None:
    """A well-formed answer that accepts no lead is an outage: it parks no lead, however long it lasts."""
    crm = ScriptedConnector(lambda sent: {lead.id: Retry("500", 200) for lead in sent})
    drain = Drain(store, crm, clock)

    for _ in range(MAX_ATTEMPTS * 2):
        run_drain(drain)
        clock.now += 10_000.0

    assert gates.read_gate(store, "told").cause == "CRM down"
    assert {read_row(store, lead) for lead in many} == {UNTOUCHED}


def test_a_lead_that_an_answer_leaves_out_is_tried_again_alone(
    store: Store, many: list[str], clock: ManualClock
) -> None:
    """Not named is not delivered."""
    forgotten = many[4]
    crm = ScriptedConnector(lambda sent: {key: value for key, value in accept_all(sent).items() if key != forgotten})

    summary = run_drain(Drain(store, crm, clock))

    assert (summary.delivered, summary.postponed) == (19, 1)
    assert read_row(store, forgotten) == ("waiting", 0, "retry")


def test_results_for_unknown_leads_deliver_nothing(store: Store, many: list[str], clock: ManualClock) -> None:
    """A CRM that names leads that were never sent is not understood."""
    crm = ScriptedConnector(lambda sent: {"a stranger": Delivered("C-1", 200)})

    run_drain(Drain(store, crm, clock))

    assert {read_row(store, lead) for lead in many} == {UNTOUCHED}


def test_an_edit_during_a_send_goes_next(store: Store, many: list[str], clock: ManualClock) -> None:
    """What counts as delivered is the revision that was sent."""
    edited = many[0]

    def answer(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        if [lead.revision for lead in sent if lead.id == edited] == [1]:
            leads.edit_lead(store, edited, {"note": "call her"}, "", clock)
        return accept_all(sent)

    crm = ScriptedConnector(answer)
    run_drain(Drain(store, crm, clock))

    assert [len(call) for call in crm.calls] == [20, 1]
    assert (crm.records[edited], read_row(store, edited)) == (2, DONE)


def test_an_edit_while_the_crm_refuses_is_not_parked(store: Store, many: list[str], clock: ManualClock) -> None:
    """The refusal was about what was sent; what was mended meanwhile has its own chance."""
    mended = many[0]

    def answer(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        outcomes = accept_all(sent)
        if [lead.revision for lead in sent if lead.id == mended] == [1]:
            leads.edit_lead(store, mended, {"email": "right@initech.com"}, "", clock)
            outcomes[mended] = Rejected("email: no.", "rejected", 200)
        return outcomes

    crm = ScriptedConnector(answer)
    run_drain(Drain(store, crm, clock))

    assert (crm.records[mended], read_row(store, mended)) == (2, DONE)


def test_a_lead_discarded_during_a_send_stays_discarded(store: Store, many: list[str], clock: ManualClock) -> None:
    """A person's word stands, and what the CRM has is remembered."""
    gone = many[0]

    def answer(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        outbox.discard_lead(store, gone, "a colleague", "", clock)
        return accept_all(sent)

    run_drain(Drain(store, ScriptedConnector(answer), clock))

    assert read_row(store, gone)[0] == "discarded"
    assert store.execute("select remote_id from outbox where lead_id = ?", (gone,)).fetchone()[0] == f"C-{gone}"


def test_a_drain_that_is_stopped_finishes_the_running_call(store: Store, many: list[str], clock: ManualClock) -> None:
    """Its outcome is written down, and the rest stays owed."""
    crm = ScriptedConnector(accept_all, batch_size=5)

    summary = run_drain(Drain(store, crm, clock), is_stopping=lambda: len(crm.calls) >= 2)

    assert (len(crm.calls), summary.delivered) == (2, 10)
    assert outbox.count_leads(store) == outbox.OutboxCounts(waiting=10, delivered=10)


def test_stopping_during_the_isolation_loses_nothing(store: Store, many: list[str], clock: ManualClock) -> None:
    """The next run looks on."""
    crm = ScriptedConnector(fail_for([many[7]], BatchRefused("No.", code="400")))

    run_drain(Drain(store, crm, clock), is_stopping=lambda: len(crm.calls) >= 3)
    waiting = outbox.count_leads(store).waiting
    run_drain(Drain(store, crm, clock))

    assert waiting > 0
    assert outbox.count_leads(store) == outbox.OutboxCounts(needs_you=1, delivered=19)


def test_what_was_under_way_when_the_worker_died_goes_again(store: Store, many: list[str], clock: ManualClock) -> None:
    """It is noted as an unknown outcome first."""

    def dies(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_drain(Drain(store, ScriptedConnector(dies), clock))

    summary = run_drain(Drain(store, ScriptedConnector(accept_all), clock))

    assert summary.delivered == 20
    assert [receipt.outcome for receipt in batches.list_receipts(store, many[0])] == ["unsure", "delivered"]


def test_a_gate_closed_for_a_practice_crm_that_is_not_there_says_so(
    store: Store, many: list[str], clock: ManualClock, tmp_path: Path
) -> None:
    """And names what starts it."""
    summary = run_drain(Drain(store, PracticeConnector(tmp_path / "practice"), clock))

    assert (summary.gate.cause, "kiosk practice-crm" in summary.gate.sentence) == ("CRM unreachable", True)


def test_the_first_success_dates_the_gate(store: Store, many: list[str], clock: ManualClock) -> None:
    """It was never closed, and is open since then; not since 1970."""
    run_drain(Drain(store, ScriptedConnector(accept_all), clock))

    assert clock.wall_time() == gates.read_gate(store, "told").since


@pytest.mark.parametrize("nth", [2, 3, 4])
def test_periodically_lost_answers_park_no_lead(store: Store, many: list[str], clock: ManualClock, nth: int) -> None:
    """Every second answer is lost: what is unsure is asked again before anything else, under the same ids."""
    number = iter(range(1, 10_000))
    crm = ScriptedConnector(accept_all, batch_size=7)

    def loses(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        if next(number) % nth == 0:
            raise OutcomeUnknown("No answer.")
        return accept_all(sent)

    crm.answer = loses
    for _ in range(3):
        run_drain(Drain(store, crm, clock))
        clock.now += 100.0

    assert {read_row(store, lead) for lead in many} == {DONE}


class OtherCrm(ScriptedConnector):
    """Another CRM, with ids of its own."""

    destination = "other"


def test_another_crm_never_gets_the_record_ids_of_the_first(store: Store, many: list[str], clock: ManualClock) -> None:
    """There they may be somebody else's; nor does it get the first one's leads to see whether it works."""
    run_drain(Drain(store, ScriptedConnector(accept_all), clock))
    leads.edit_lead(store, many[0], {"note": "call her"}, "", clock)
    seen: list[OutgoingLead] = []

    def looks(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        seen.extend(sent)
        raise CrmDown("Trouble.")

    run_drain(Drain(store, OtherCrm(looks), clock))
    leads.edit_lead(store, many[0], {"note": "call him"}, "", clock)
    back = ScriptedConnector(lambda sent: (seen.extend(sent), accept_all(sent))[1])
    run_drain(Drain(store, back, clock))

    assert [(lead.id, lead.remote_id) for lead in seen] == [(many[0], None), (many[0], f"C-{many[0]}")]


def test_three_refused_alike_close_the_gate_also_one_by_one(store: Store, clock: ManualClock, save_leads: Save) -> None:
    """At a booth each lead is a run of its own."""
    crm = ScriptedConnector(lambda sent: {lead.id: Rejected("Property is missing.", "400", 200) for lead in sent})
    drain = Drain(store, crm, clock)

    found = [run_drain(drain) for number in range(3) if save_leads(store, f"visitor{number}@initech.com")]

    assert [summary.gate.is_open for summary in found] == [True, True, False]
    assert (found[-1].gate.cause, outbox.count_leads(store).needs_you) == ("set-up", 0)


def test_a_long_outage_makes_no_later_trouble_longer(store: Store, many: list[str], clock: ManualClock) -> None:
    """How often it was offline says nothing of a CRM that is down once."""
    crm = ScriptedConnector(fail_with(Offline("No network.")))
    drain = Drain(store, crm, clock)
    for _ in range(40):
        run_drain(drain)
        clock.now += 10.0
    crm.answer = fail_with(CrmDown("Trouble."))

    summary = run_drain(drain)

    assert (summary.gate.cause, summary.gate.failures) == ("CRM down", 1)
    assert summary.gate.seconds_left(clock) <= 4.0


def test_the_hottest_are_first_again_after_an_outage(store: Store, many: list[str], clock: ManualClock) -> None:
    """Each probe was another lead, and none of them is put last for it."""
    crm = ScriptedConnector(fail_with(CrmDown("Trouble.")), batch_size=1)
    drain = Drain(store, crm, clock)
    for _ in range(5):
        run_drain(drain)
        clock.now += 1000.0
    crm.answer, crm.calls = accept_all, []

    run_drain(drain)

    assert [call[0] for call in crm.calls[1:3]] == [many[0], many[1]]


def test_a_lead_on_which_we_fail_ourselves_holds_up_no_other(store: Store, many: list[str], clock: ManualClock) -> None:
    """It is looked for like one that the CRM fails on."""

    def fails_on_one(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        if any(lead.id == many[3] for lead in sent):
            raise KeyError("a mistake of ours")
        return accept_all(sent)

    summary = run_drain(Drain(store, ScriptedConnector(fails_on_one), clock))

    assert (summary.delivered, read_row(store, many[3])[0]) == (19, "waiting")
    assert "KeyError" in store.execute("select reason from outbox where lead_id = ?", (many[3],)).fetchone()[0]


def test_a_lead_is_sent_again_as_a_proof_only_if_it_came_there_lately(
    store: Store, many: list[str], clock: ManualClock, save_leads: Save
) -> None:
    """Later somebody may have edited it in the CRM, and sending it would undo that: the CRM is asked how it is."""
    crm, drain = make_proven_drain(store, clock)
    (poison,) = save_leads(store, "poison@initech.com")
    crm.answer = fail_for([poison], TROUBLES[0])
    sent_again, asked = [], []
    for wait in (RECENT_SECONDS - 10.0, 20.0):
        clock.now += wait
        outbox.make_all_due(store)
        before = len(crm.calls), crm.checks
        run_drain(drain)
        sent_again.append([lead for call in crm.calls[before[0] :] for lead in call if lead in many])
        asked.append(crm.checks - before[1])

    assert ([len(lot) for lot in sent_again], asked) == ([1, 0], [0, 1])
    assert read_row(store, poison) == ("waiting", 2, "retry")


def test_where_the_crm_says_that_it_is_not_well_no_lead_is_charged(
    store: Store, many: list[str], clock: ManualClock, save_leads: Save
) -> None:
    """Also where no other lead is there to tell the one from the other."""
    crm, drain = make_proven_drain(store, clock)
    (only,) = save_leads(store, "only@initech.com")
    crm.answer, crm.says_it_is_well = fail_with(CrmDown("Trouble.")), False
    clock.now += RECENT_SECONDS + 1.0

    summary = run_drain(drain)

    assert (read_row(store, only), summary.gate.cause) == (UNTOUCHED, "CRM down")


def test_a_crm_that_takes_old_leads_and_fails_every_new_one_is_down(
    store: Store, many: list[str], clock: ManualClock, save_leads: Save
) -> None:
    """After some of them; they are not charged to their end, and all go once it takes one again."""
    crm, drain = make_proven_drain(store, clock, batch_size=1)
    new = save_leads(store, *(f"new{number:02}@initech.com" for number in range(12)))
    crm.answer = fail_for(new, TROUBLES[0])

    for _ in range(4 * MAX_ATTEMPTS):
        clock.now += 5000.0
        down = run_drain(drain)
    charged = [lead for lead in new if read_row(store, lead)[1]]
    crm.answer = accept_all
    clock.now += 5000.0
    up = run_drain(drain)

    assert (down.gate.cause, len(charged)) == ("CRM down", MAX_FAILING_LEADS)
    assert (up.delivered, up.gate.is_open) == (12, True)


@pytest.mark.parametrize("error", [Offline("No network."), CrmDown("Trouble.")], ids=["offline", "down"])
def test_a_closed_gate_opens_again_also_with_nothing_to_send(
    store: Store, clock: ManualClock, save_leads: Save, error: SyncError
) -> None:
    """The last lead that waited was discarded: the CRM is asked how it is, for the screen says why nothing moves."""
    (only,) = save_leads(store, "only@initech.com")
    crm = ScriptedConnector(fail_with(error))
    drain = Drain(store, crm, clock)
    closed = run_drain(drain).gate
    outbox.discard_lead(store, only, "A test.", "ana", clock)
    crm.says_it_is_well = False
    clock.now += 1000.0
    still_closed = run_drain(drain).gate
    crm.says_it_is_well = True
    clock.now += 1000.0

    opened = run_drain(drain).gate

    assert [gate.is_open for gate in (closed, still_closed, opened)] == [False, False, True]
    assert gates.read_gate(store, "told").is_open
    assert len(crm.calls) == 1


def test_destination_faults_come_before_the_isolation(store: Store, many: list[str], clock: ManualClock) -> None:
    """One of several parallel calls is throttled: the other's batch is not halved meanwhile."""
    crm = ScriptedConnector(accept_all, batch_size=5)
    crm.max_parallel_pushes = 4
    crm.answer = answer_in_turn(
        fail_with(CrmDown("Trouble.")), fail_with(Throttled("Wait.", retry_after=60.0)), accept_all, accept_all
    )

    summary = run_drain(Drain(store, crm, clock))

    assert (len(crm.calls), summary.gate.cause) == (4, "throttled")


def answer_in_turn(*answers: Answer) -> Answer:
    """A CRM that answers each call in its own way."""
    left = list(answers)
    return lambda leads: left.pop(0)(leads)


def test_a_configuration_that_refuses_lead_by_lead_is_found_although_it_worked_before(
    store: Store, many: list[str], clock: ManualClock, save_leads: Save
) -> None:
    """A field became required during the show: the CRM refuses the leads by name, and one that it has already, too."""
    crm, drain = make_proven_drain(store, clock, batch_size=1)
    new = save_leads(store, *(f"new{number}@initech.com" for number in range(4)))
    crm.answer = lambda sent: {lead.id: Rejected("Industry is required.", "required") for lead in sent}

    summary = run_drain(drain)

    assert summary.gate.cause == "set-up"
    assert {read_row(store, lead) for lead in new} == {UNTOUCHED}
