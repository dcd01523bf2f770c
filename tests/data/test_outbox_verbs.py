"""The outbox: every verb, every state, and a clock that jumps."""

from collections.abc import Callable
from typing import Any

import pytest

from data import leads, outbox
from data.lead import NEEDS_DETAILS_REASON
from data.outbox import NEEDS_DETAILS, OutboxCounts
from data.store import write_transaction
from tests.data.conftest import Booth


def due_ids(booth: Any, limit: int = 100) -> list[str]:
    """List the ids that are due now, in order."""
    return [owed.lead.id for owed in outbox.list_due_leads(booth.db, booth.clock, limit)]


def last_delivered_id(booth: Any, lead_id: str) -> str | None:
    """Return the id of the lead that was delivered last, other than *lead_id*."""
    found = outbox.find_last_delivered(booth.db, lead_id)
    return None if found is None else found.lead.id


def settle_revision(booth: Any, lead_id: str, revision: int, remote_id: str = "crm-1") -> None:
    """Let the CRM accept *revision*."""
    with write_transaction(booth.db):
        outbox.settle_lead(booth.db, lead_id, revision, remote_id, booth.clock.wall_time())


def park_revision(booth: Any, lead_id: str, revision: int = 1, cause: str = "rejected") -> None:
    """Let the CRM refuse *revision*."""
    with write_transaction(booth.db):
        outbox.park_lead(booth.db, lead_id, revision, cause, "The e-mail is not valid.", booth.clock.wall_time())


def postpone_once(booth: Any, lead_id: str, seconds: float = 60.0, spent: bool = True) -> None:
    """Let the CRM fail on the lead."""
    with write_transaction(booth.db):
        outbox.postpone_lead(
            booth.db, lead_id, booth.clock, seconds=seconds, cause="retry", reason="It failed.", is_attempt=spent
        )


def list_states(booth: Any, *lead_ids: str) -> list[str]:
    """Return the state of each lead."""
    return [booth.read_outbox_row(lead_id)["state"] for lead_id in lead_ids]


@pytest.fixture
def three(booth: Booth) -> list[str]:
    """The ids of three leads, the newest first."""
    return [booth.show(name=name).lead.id for name in ("Ana", "Bob", "Eve")][::-1]


def test_the_newest_lead_goes_first(booth: Booth, three: list[str]) -> None:
    """And no more leads than asked for."""
    assert due_ids(booth) == three
    assert due_ids(booth, limit=2) == three[:2]
    assert due_ids(booth, limit=0) == []


def test_hot_leads_go_before_newer_ones(booth: Booth, three: list[str]) -> None:
    """A lead that nobody rated is between the hot and the cold."""
    for lead_id, rating in zip(three, (2, None, 5), strict=True):
        leads.edit_lead(booth.db, lead_id, {"rating": rating}, "bob", booth.clock)

    assert due_ids(booth) == [three[2], three[1], three[0]]


def test_what_is_under_way_is_not_due_again(booth: Booth, three: list[str]) -> None:
    """Several simultaneous calls divide the leads among them."""
    found = outbox.list_due_leads(booth.db, booth.clock, 10, excluded_ids=[three[0], three[2]])

    assert [owed.lead.id for owed in found] == [three[1]]


def test_what_is_due_comes_with_what_a_connector_needs(booth: Booth) -> None:
    """The lead, its failures so far, and its id in the CRM."""
    lead = booth.show("badge:7", name="Ana").lead
    settle_revision(booth, lead.id, 1, "crm-7")
    edited = leads.edit_lead(booth.db, lead.id, {"company": "Initech"}, "bob", booth.clock)

    [owed] = outbox.list_due_leads(booth.db, booth.clock, 10)
    assert (owed.lead, owed.attempts, owed.remote_id) == (edited, 0, "crm-7")


def test_a_postponed_lead_waits_alone_and_goes_after_those_that_never_failed(booth: Booth, three: list[str]) -> None:
    """Not a second early, and behind the others once it is due."""
    postpone_once(booth, three[0], 60.0)

    assert due_ids(booth) == three[1:]
    booth.clock.tick(59.0)
    assert due_ids(booth) == three[1:]
    booth.clock.tick(1.0)
    assert due_ids(booth) == [*three[1:], three[0]]


def test_only_a_failure_of_its_own_spends_an_attempt(booth: Booth, three: list[str]) -> None:
    """An outage spends no lead's attempts."""
    postpone_once(booth, three[0], spent=True)
    postpone_once(booth, three[0], spent=True)
    postpone_once(booth, three[1], spent=False)

    assert [booth.read_outbox_row(lead_id)["attempts"] for lead_id in three] == [2, 0, 0]


@pytest.mark.parametrize("jump", [-10 * 365 * 86400.0, -3600.0, 3600.0, 10 * 365 * 86400.0])
def test_a_clock_that_jumps_moves_no_retry(booth: Booth, three: list[str], jump: float) -> None:
    """Only the time since boot counts."""
    postpone_once(booth, three[0], 60.0)
    booth.clock.jump(jump)

    assert due_ids(booth) == three[1:]
    booth.clock.tick(60.0)
    assert len(due_ids(booth)) == 3


def test_after_a_restart_what_was_postponed_is_due(booth: Booth, three: list[str]) -> None:
    """Seconds since another boot mean nothing; what was postponed since this one still waits."""
    booth.clock.tick(10_000.0)
    postpone_once(booth, three[0], 60.0)
    booth.clock.restart("boot-2")
    postpone_once(booth, three[1], 60.0)
    assert due_ids(booth) == [three[2]]

    outbox.reset_after_reboot(booth.db, booth.clock)

    assert due_ids(booth) == [three[2], three[0]]
    assert booth.read_outbox_row(three[0])["attempts"] == 1


def test_making_all_due_includes_everything_that_waits(booth: Booth, three: list[str]) -> None:
    """A person asked for it; leads that need a person stay as they are."""
    postpone_once(booth, three[0])
    postpone_once(booth, three[1])
    park_revision(booth, three[2])

    outbox.make_all_due(booth.db)

    assert due_ids(booth) == three[:2]


def test_the_next_due_time_is_the_earliest_of_those_that_wait(booth: Booth) -> None:
    """None if none waits; leads that need a person do not count."""
    assert outbox.find_next_due(booth.db) is None

    ana, bob = (booth.show(name=name).lead.id for name in ("Ana", "Bob"))
    postpone_once(booth, ana, 60.0)
    assert outbox.find_next_due(booth.db) == 0.0
    postpone_once(booth, bob, 30.0)
    assert booth.clock.seconds_since_boot() + 30.0 == outbox.find_next_due(booth.db)
    park_revision(booth, bob)
    assert booth.clock.seconds_since_boot() + 60.0 == outbox.find_next_due(booth.db)
    settle_revision(booth, ana, 1)
    assert outbox.find_next_due(booth.db) is None


def test_a_settled_lead_is_delivered_and_forgets_its_trouble(booth: Booth, three: list[str]) -> None:
    """Receipt and time are kept; cause and attempts are cleared."""
    postpone_once(booth, three[0])
    settle_revision(booth, three[0], 1, "crm-9")

    row = booth.read_outbox_row(three[0])
    assert ("delivered", 1, "crm-9", booth.clock.wall_time()) == (
        row["state"], row["delivered_revision"], row["remote_id"], row["delivered_at"]
    )  # fmt: skip
    assert (row["attempts"], row["due"], row["cause"], row["reason"]) == (0, 0.0, "", "")


def test_an_edit_during_a_send_goes_next(booth: Booth) -> None:
    """Revision 1 was sent while 2 was typed: 1 counts as delivered, and 2 is due."""
    lead = booth.show(name="Ana").lead
    edited = leads.edit_lead(booth.db, lead.id, {"company": "Initech"}, "bob", booth.clock)

    settle_revision(booth, lead.id, 1)

    row = booth.read_outbox_row(lead.id)
    assert (row["state"], row["delivered_revision"], row["revision"]) == ("waiting", 1, 2)
    assert [owed.lead for owed in outbox.list_due_leads(booth.db, booth.clock, 10)] == [edited]
    settle_revision(booth, lead.id, 2)
    assert list_states(booth, lead.id) == ["delivered"]


def test_a_name_taken_away_during_a_send_is_not_sent(booth: Booth) -> None:
    """The new revision does not say who the person is, so the lead needs a person although revision 1 arrived."""
    lead = booth.show(name="Ana").lead
    leads.edit_lead(booth.db, lead.id, {"name": ""}, "bob", booth.clock)

    settle_revision(booth, lead.id, 1)

    row = booth.read_outbox_row(lead.id)
    assert (
        row["state"], row["cause"], row["reason"], row["delivered_revision"]
    ) == ("needs you", NEEDS_DETAILS, NEEDS_DETAILS_REASON, 1)  # fmt: skip
    assert due_ids(booth) == []


def test_a_lead_discarded_during_a_send_stays_discarded_with_its_reason(booth: Booth) -> None:
    """The CRM has it, which is recorded; the discard and its reason stay, and can be undone."""
    lead = booth.show(name="Ana").lead
    outbox.discard_lead(booth.db, lead.id, "a competitor", "bob", booth.clock)

    settle_revision(booth, lead.id, 1)

    row = booth.read_outbox_row(lead.id)
    assert (row["state"], row["reason"], row["delivered_revision"]) == ("discarded", "a competitor", 1)
    assert outbox.restore_lead(booth.db, lead.id, "bob", booth.clock)
    assert list_states(booth, lead.id) == ["delivered"]


def test_an_edit_during_a_refusal_is_tried(booth: Booth) -> None:
    """The CRM refused the older revision."""
    lead = booth.show(name="Ana", email="ana@").lead
    leads.edit_lead(booth.db, lead.id, {"email": "ana@x.example"}, "bob", booth.clock)

    park_revision(booth, lead.id, revision=1)

    assert due_ids(booth) == [lead.id]


def test_a_refused_lead_needs_a_person_until_it_is_edited(booth: Booth, three: list[str]) -> None:
    """Other leads are sent meanwhile; the edit clears cause and attempts."""
    postpone_once(booth, three[0])
    park_revision(booth, three[0])
    assert tuple(booth.read_outbox_row(three[0])[name] for name in ("state", "cause", "reason")) == (
        "needs you",
        "rejected",
        "The e-mail is not valid.",
    )
    assert due_ids(booth) == three[1:]

    leads.edit_lead(booth.db, three[0], {"email": "ana@x.example"}, "bob", booth.clock)

    row = booth.read_outbox_row(three[0])
    assert (row["state"], row["cause"], row["reason"], row["attempts"]) == ("waiting", "", "", 0)


@pytest.mark.parametrize(("cause", "state"), [("rejected", "waiting"), ("retry", "needs you")])
def test_a_refusal_that_was_the_set_up_is_taken_back(booth: Booth, cause: str, state: str) -> None:
    """Only a refusal: a lead with too many failures of its own stays with staff."""
    lead = booth.show(name="Ana").lead
    park_revision(booth, lead.id, cause=cause)

    with write_transaction(booth.db):
        outbox.unpark_lead(booth.db, lead.id, booth.clock)

    assert list_states(booth, lead.id) == [state]


def test_a_lead_without_details_is_not_unparked(booth: Booth) -> None:
    """There is nothing to send yet."""
    lead = booth.show("badge:7", badge_id="7").lead

    with write_transaction(booth.db):
        outbox.unpark_lead(booth.db, lead.id, booth.clock)

    assert list_states(booth, lead.id) == ["needs you"]


@pytest.mark.parametrize("verb", ["step_back", "unpark"])
def test_a_lead_with_a_setback_is_behind_the_others_in_the_next_drain_too(
    booth: Booth, three: list[str], verb: str
) -> None:
    """It is due at once, but the next probe is another lead, also after a reboot check."""
    if verb == "unpark":
        park_revision(booth, three[0])

    with write_transaction(booth.db):
        if verb == "unpark":
            outbox.unpark_lead(booth.db, three[0], booth.clock)
        else:
            outbox.add_setback(booth.db, three[0])

    assert due_ids(booth) == [*three[1:], three[0]]
    outbox.reset_after_reboot(booth.db, booth.clock)
    assert due_ids(booth) == [*three[1:], three[0]]


def test_a_setback_makes_no_lead_due_earlier(booth: Booth, three: list[str]) -> None:
    """A lead that backs off still backs off."""
    postpone_once(booth, three[0], 60.0)

    with write_transaction(booth.db):
        outbox.add_setback(booth.db, three[0])

    assert due_ids(booth) == three[1:]


def test_the_lead_to_probe_the_crm_with_is_the_one_delivered_last(booth: Booth, three: list[str]) -> None:
    """Never the one in doubt; None if none was delivered."""
    assert outbox.find_last_delivered(booth.db, three[0]) is None

    for lead_id in three:
        booth.clock.tick(1.0)
        settle_revision(booth, lead_id, 1)

    assert last_delivered_id(booth, three[0]) == three[2]
    assert last_delivered_id(booth, three[2]) == three[1]


def test_a_lead_that_says_nothing_of_the_person_needs_one(booth: Booth) -> None:
    """A badge id or a company alone is useless in a CRM: the lead says so, and is not due."""
    lead = booth.show("badge:7", badge_id="7", company="Initech").lead

    row = booth.read_outbox_row(lead.id)
    assert (row["state"], row["cause"], row["reason"]) == ("needs you", NEEDS_DETAILS, NEEDS_DETAILS_REASON)
    assert due_ids(booth) == []


@pytest.mark.parametrize("details", [{"name": "Ana"}, {"last_name": "Lopez"}, {"email": "a@x.example"}, {"phone": "1"}])
@pytest.mark.parametrize("how", ["edit", "scan"])
def test_a_lead_without_details_goes_once_it_has_some(booth: Booth, details: dict[str, str], how: str) -> None:
    """Typed in by hand, or from another badge."""
    lead = booth.show("badge:7", badge_id="7").lead

    if how == "edit":
        leads.edit_lead(booth.db, lead.id, details, "bob", booth.clock)
    else:
        booth.show("badge:7", **details)

    assert due_ids(booth) == [lead.id]


def test_retry_needs_somebody_to_send(booth: Booth) -> None:
    """A lead without details, a delivered, a discarded and an unknown one do not change."""
    empty = booth.show("badge:7", badge_id="7").lead.id
    done, gone = (booth.show(name=name).lead.id for name in ("Ana", "Bob"))
    settle_revision(booth, done, 1)
    outbox.discard_lead(booth.db, gone, "a test", "bob", booth.clock)

    asked = [outbox.retry_lead(booth.db, lead_id, "bob", booth.clock) for lead_id in (empty, done, gone, "nobody")]

    assert asked == [False] * 4
    assert list_states(booth, empty, done, gone) == ["needs you", "delivered", "discarded"]


@pytest.mark.parametrize("trouble", [postpone_once, park_revision])
def test_retry_makes_a_lead_due_with_all_its_attempts(booth: Booth, trouble: Callable[..., None]) -> None:
    """Whether it backs off or needs a person; who asked is recorded."""
    lead = booth.show(name="Ana").lead
    trouble(booth, lead.id)

    assert outbox.retry_lead(booth.db, lead.id, "bob", booth.clock)

    row = booth.read_outbox_row(lead.id)
    assert (row["state"], row["attempts"], row["cause"]) == ("waiting", 0, "")
    assert due_ids(booth) == [lead.id]
    actions = booth.db.execute("select lead_id, verb, operator from actions").fetchall()
    assert [tuple(action) for action in actions] == [(lead.id, "retry", "bob")]


@pytest.mark.parametrize("before", ["waiting", "postponed", "needs you", "delivered"])
def test_a_discard_can_be_undone(booth: Booth, before: str) -> None:
    """From any state; a delivered lead is delivered again, every other waits."""
    lead = booth.show(name="Ana").lead
    if before == "postponed":
        postpone_once(booth, lead.id)
    elif before == "needs you":
        park_revision(booth, lead.id)
    elif before == "delivered":
        settle_revision(booth, lead.id, 1)

    assert outbox.discard_lead(booth.db, lead.id, "a competitor", "bob", booth.clock)
    assert (
        booth.read_outbox_row(lead.id)["state"], booth.read_outbox_row(lead.id)["reason"], due_ids(booth)
    ) == ("discarded", "a competitor", [])  # fmt: skip
    assert not outbox.discard_lead(booth.db, lead.id, "again", "eve", booth.clock)

    assert outbox.restore_lead(booth.db, lead.id, "bob", booth.clock)
    assert not outbox.restore_lead(booth.db, lead.id, "bob", booth.clock)
    assert list_states(booth, lead.id) == ["delivered" if before == "delivered" else "waiting"]
    actions = booth.db.execute("select verb, reason, operator from actions order by id").fetchall()
    assert [tuple(action) for action in actions] == [("discard", "a competitor", "bob"), ("restore", "", "bob")]


def test_a_discarded_lead_without_details_comes_back_without_them(booth: Booth) -> None:
    """It needs a person, as before."""
    lead = booth.show("badge:7", badge_id="7").lead
    outbox.discard_lead(booth.db, lead.id, "a test", "bob", booth.clock)

    outbox.restore_lead(booth.db, lead.id, "bob", booth.clock)

    assert (booth.read_outbox_row(lead.id)["state"], booth.read_outbox_row(lead.id)["cause"]) == (
        "needs you",
        NEEDS_DETAILS,
    )


def test_a_discarded_lead_stays_so_when_it_is_edited(booth: Booth) -> None:
    """With its reason; once restored, the newer revision is sent."""
    lead = booth.show(name="Ana").lead
    settle_revision(booth, lead.id, 1)
    outbox.discard_lead(booth.db, lead.id, "a test", "bob", booth.clock)

    leads.edit_lead(booth.db, lead.id, {"company": "Initech"}, "bob", booth.clock)
    assert (booth.read_outbox_row(lead.id)["state"], booth.read_outbox_row(lead.id)["reason"]) == (
        "discarded",
        "a test",
    )

    outbox.restore_lead(booth.db, lead.id, "bob", booth.clock)
    assert due_ids(booth) == [lead.id]


def test_nothing_but_a_person_moves_a_discarded_lead(booth: Booth) -> None:
    """No verb of the worker restores it."""
    lead = booth.show(name="Ana").lead
    outbox.discard_lead(booth.db, lead.id, "a test", "bob", booth.clock)

    park_revision(booth, lead.id)
    postpone_once(booth, lead.id)
    with write_transaction(booth.db):
        outbox.unpark_lead(booth.db, lead.id, booth.clock)
        outbox.add_setback(booth.db, lead.id)
    outbox.make_all_due(booth.db)
    outbox.reset_after_reboot(booth.db, booth.clock)

    assert (booth.read_outbox_row(lead.id)["state"], booth.read_outbox_row(lead.id)["reason"]) == (
        "discarded",
        "a test",
    )


def test_a_discarded_lead_comes_back_when_the_badge_is_shown_again(booth: Booth) -> None:
    """The operator sees that, and it is recorded who did it."""
    first = booth.show("badge:7", name="Ana")
    outbox.discard_lead(booth.db, first.lead.id, "a mistake", "bob", booth.clock)

    again = booth.show("badge:7", name="Ana", operator="eve")

    assert (first.is_restored, again.is_restored, again.is_new) == (False, True, False)
    assert due_ids(booth) == [first.lead.id]
    row = booth.db.execute("select verb, operator from actions order by id desc").fetchone()
    assert tuple(row) == ("restore", "eve")


def test_counts_are_the_leads_in_each_state(booth: Booth, three: list[str]) -> None:
    """Of one event or of all; zero in an empty store."""
    other = booth.show(name="Zoe", event="x' or '1'='1").lead
    settle_revision(booth, three[0], 1)
    park_revision(booth, three[1])
    outbox.discard_lead(booth.db, other.id, "a test", "bob", booth.clock)

    assert outbox.count_leads(booth.db) == OutboxCounts(1, 1, 1, 1)
    assert outbox.count_leads(booth.db, "Expo 2026") == OutboxCounts(1, 1, 1, 0)
    assert outbox.count_leads(booth.db, "x' or '1'='1") == OutboxCounts(0, 0, 0, 1)
    assert outbox.count_leads(booth.db, "nowhere") == OutboxCounts()
    assert outbox.count_leads(booth.db).total == 4


@pytest.mark.parametrize("verb", ["discard", "restore", "retry"])
def test_a_verb_for_a_lead_that_is_not_there_changes_nothing(booth: Booth, verb: str) -> None:
    """It returns False, and raises nothing."""
    words = ("a reason", "bob") if verb == "discard" else ("bob",)

    assert not getattr(outbox, f"{verb}_lead")(booth.db, "nobody", *words, booth.clock)
    assert booth.count_rows("actions") == 0


def test_the_next_batch_is_found_without_sorting_all_that_wait(booth: Booth) -> None:
    """However many leads wait, only those that are sent are read."""
    values = {"now": 1.0, "limit": 100, "excluded": "[]"}

    plan = [row[3] for row in booth.db.execute(f"explain query plan {outbox.SELECT_DUE}", values)]

    assert any("outbox_next" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)
