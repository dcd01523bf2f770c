"""`kiosk retry`, `kiosk discard` and `kiosk restore`: leads by the beginning of their id."""

import pytest

from data import outbox
from data.store import open_store, write_transaction
from kiosk.cli.context import CLOCK
from tests.kiosk.cli.conftest import ANA, Kiosk


def actions(kiosk: Kiosk) -> list[tuple[str, str, str]]:
    """Return what people decided: verb, reason and operator."""
    db = open_store(kiosk.settings.database_file)
    found = [tuple(row) for row in db.execute("select verb, reason, operator from actions order by id").fetchall()]
    db.close()
    return found


def park(kiosk: Kiosk, lead_id: str, cause: str = "rejected") -> None:
    """Park a lead as one that the CRM refused."""
    db = open_store(kiosk.settings.database_file)
    with write_transaction(db):
        outbox.park_lead(db, lead_id, 1, cause, "The CRM refused it.", CLOCK.wall_time())
    db.close()


def test_a_lead_is_discarded_with_a_reason_and_restored(kiosk: Kiosk) -> None:
    """A prefix of the lead's ID is enough, even in capitals; the operator is recorded."""
    kiosk.configure("event.operator = 'Ana'")
    lead = kiosk.scan(ANA)

    gone = kiosk("discard", lead.id[:20].upper(), "--reason", " a test ")
    [entry] = kiosk.entries()
    back = kiosk("restore", lead.id[:20])

    assert (gone.exit_code, gone.stdout) == (0, "1 lead discarded.\n")
    assert (entry.state, entry.reason) == ("discarded", "a test")
    assert (back.exit_code, back.stdout) == (0, "1 lead restored.\n")
    assert [entry.state for entry in kiosk.entries()] == ["waiting"]
    assert actions(kiosk) == [("discard", "a test", "Ana"), ("restore", "", "Ana")]


def test_discarding_what_the_crm_has_says_what_is_left_to_do(kiosk: Kiosk) -> None:
    """A discard removes nothing from the CRM."""
    lead = kiosk.scan(ANA)
    db = open_store(kiosk.settings.database_file)
    with write_transaction(db):
        outbox.settle_lead(db, lead.id, 1, "P-000005", CLOCK.wall_time())
    db.close()

    done = kiosk("discard", lead.id, "--reason", "a test")

    assert done.stdout == "1 lead discarded.\nThe CRM already has it (P-000005). Delete it there.\n"


@pytest.mark.parametrize("verb", [["retry"], ["restore"], ["discard", "--reason", "x"]], ids=str)
@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("0", "Several lead IDs start with '0'; type more of it. `kiosk leads` lists them."),
        ("f", "No lead ID starts with 'f'."),
        ("", "No lead ID starts with ''."),
        ("%", "No lead ID starts with '%'."),
        ("' or 1=1 --", 'No lead ID starts with "\' or 1=1 --".'),
    ],
)
def test_a_beginning_that_fits_no_lead_or_several_changes_nothing(
    kiosk: Kiosk, verb: str, start: str, sentence: str
) -> None:
    """Status 2; the leads that were named correctly are not changed either."""
    first, _ = kiosk.people(2)

    done = kiosk(*verb, "--", first.id, start)

    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert actions(kiosk) == []


def test_bytes_that_are_no_text_are_a_sentence(kiosk: Kiosk) -> None:
    """A terminal with another encoding sends such bytes."""
    kiosk.scan(ANA)

    done = kiosk.run("retry", "\udcff")

    assert (
        done.returncode, done.stdout, done.stderr
    ) == (2, "", "Error: The command contains text that is not UTF-8. Type it again.\n")  # fmt: skip


def test_retry_sends_what_the_crm_refused_again(kiosk: Kiosk) -> None:
    """A lead that is named twice is retried once."""
    first, _ = kiosk.people(2)
    park(kiosk, first.id)

    done = kiosk("retry", first.id, first.id[:-1])

    assert (done.exit_code, done.stdout) == (0, "1 lead will be sent again.\n")
    assert [entry.state for entry in kiosk.entries()] == ["waiting", "waiting"]


def test_retry_all_can_be_narrowed_to_a_cause(kiosk: Kiosk) -> None:
    """Leads with another cause do not change."""
    first, second, _ = kiosk.people(3)
    park(kiosk, first.id)
    park(kiosk, second.id, "other")

    told = kiosk.json("retry", "--all", "--cause", "rejected")

    assert {"done": [first.id], "left": []} == told
    assert [entry.state for entry in kiosk.entries()] == ["waiting", "needs you", "waiting"]


def test_what_has_nothing_to_send_is_left_and_told(kiosk: Kiosk) -> None:
    """A lead without a name or e-mail cannot be sent; status 1, with the reason."""
    lead, blank = kiosk.scan(ANA), kiosk.scan("PZD97WTMFJ")

    done = kiosk("retry", "--all")

    assert (done.exit_code, done.stdout) == (
        1,
        "1 lead will be sent again.\nNot sent: PZD97WTMFJ has no name or e-mail yet.\n",
    )
    assert kiosk.json("retry", "--all") == {"done": [lead.id], "left": [blank.id]}


def test_why_a_lead_was_not_changed_is_said_with_its_name(kiosk: Kiosk) -> None:
    """One sentence for each; a restored lead without a name says what it still needs."""
    lead, blank = kiosk.scan(ANA), kiosk.scan("PZD97WTMFJ")

    restored = kiosk("restore", lead.id)
    kiosk("discard", lead.id, blank.id, "--reason", "x")
    discarded, retried = kiosk("discard", lead.id, "--reason", "y"), kiosk("retry", lead.id)
    completed = kiosk("restore", blank.id)
    kiosk("restore", lead.id)
    db = open_store(kiosk.settings.database_file)
    with write_transaction(db):
        outbox.settle_lead(db, lead.id, 1, "C-1", CLOCK.wall_time())
    db.close()
    delivered = kiosk("retry", lead.id)

    assert restored.stdout == "Ana Lopez was not discarded.\n"
    assert discarded.stdout == "Ana Lopez was already discarded.\n"
    assert retried.stdout == "Not sent: Ana Lopez is discarded; use `kiosk restore`.\n"
    assert completed.stdout == "1 lead restored. It still needs a name or e-mail before it is sent.\n"
    assert delivered.stdout == "Not sent: Ana Lopez is already in the CRM.\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["retry", "--cause", "x"], "--cause needs --all."),
        (["retry", "0", "--all"], "Name leads or use --all, not both."),
        (["retry"], "Name the leads, or use --all."),
        (["retry", "--all", "--cause", "foo"], "There is no cause 'foo'. Causes: needs details, rejected, "),
        (["pending", "--cause", "foo"], "There is no cause 'foo'. Causes: needs details, rejected, "),
    ],
)
def test_a_wrong_choice_of_leads_says_what_is_wrong(kiosk: Kiosk, command: list[str], said: str) -> None:
    """Status 2; a cause of the network is accepted if a lead has it."""
    kiosk.scan(ANA)

    done = kiosk(*command)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_what_was_decided_already_is_left_and_told(kiosk: Kiosk) -> None:
    """Nothing changes if a lead is discarded twice, or restored although it is not discarded."""
    lead = kiosk.scan(ANA)

    assert kiosk.json("restore", lead.id) == {"done": [], "left": [lead.id]}
    assert kiosk.json("discard", lead.id, "--reason", "x") == {"done": [lead.id], "left": []}
    assert kiosk("discard", lead.id, "--reason", "y").exit_code == 1
    assert [entry.reason for entry in kiosk.entries()] == ["x"]


@pytest.mark.parametrize(
    "command",
    [["retry"], ["retry", "--all", "0"], ["retry", "0", "--cause", "x"], ["discard", "0"], ["restore"],
     ["discard", "0", "--reason", " "], ["discard", "--reason", "x"]],
    ids=str,
)  # fmt: skip
def test_a_command_that_is_not_clear_changes_nothing(kiosk: Kiosk, command: list[str]) -> None:
    """Status 2, with the usage."""
    kiosk.scan(ANA)

    done = kiosk(*command)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage: kiosk" in done.stderr
    assert actions(kiosk) == []


def test_a_damaged_wake_up_queue_keeps_nobody_from_deciding(kiosk: Kiosk) -> None:
    """The queue holds only wake-ups, so the decision is stored all the same."""
    lead = kiosk.scan(ANA)
    kiosk.settings.queue_file.write_bytes(b"rubbish" * 1000)

    done = kiosk.run("retry", lead.id)

    assert (done.returncode, done.stdout, done.stderr) == (0, "1 lead will be sent again.\n", "")
    assert [action[:2] for action in actions(kiosk)] == [("retry", "")]
