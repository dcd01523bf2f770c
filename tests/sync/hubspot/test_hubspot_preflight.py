"""The check of a HubSpot account before the show, and the creation of what it lacks."""

from typing import Any

import pytest

from sync.connectors.base import CheckResult, Delivered
from sync.connectors.hubspot import HubSpotConnector
from sync.errors import ConfigurationFault, CrmDown, NotAuthorised
from tests.sync.hubspot.conftest import make_lead, push_batches, use_connector
from tests.sync.hubspot.factories import ID_PROPERTY, add_property, make_connector, make_settings

MAPPED = {"email": "email", "rating": "booth_rating", "note": "booth_note", "scanned_at": "booth_scanned_at"}


def make_unprepared_connector(crm: Any, **changes: Any) -> HubSpotConnector:
    """Make a connector for an unprepared account."""
    return HubSpotConnector(make_settings(crm, **changes), read_token=lambda: crm.token)


def run_check(connector: HubSpotConnector) -> list[CheckResult]:
    """Return the results of a check."""
    findings: list[CheckResult] = use_connector(connector, lambda connector: connector.check_setup())
    assert all(finding.sentence.endswith(".") for finding in findings)
    return findings


def created(connector: HubSpotConnector) -> list[CheckResult]:
    """Create what is missing, and return the results."""
    findings: list[CheckResult] = use_connector(connector, lambda connector: connector.create_missing())
    return findings


def join_problems(findings: list[CheckResult]) -> str:
    """Return the sentences about problems as one text."""
    return " ".join(finding.sentence for finding in findings if not finding.is_well)


def test_a_ready_account_is_reported_as_ready(crm: Any) -> None:
    """The sign-in, the scopes, the key and the mapping each have a sentence."""
    findings = run_check(make_connector(crm))

    assert [finding.is_well for finding in findings] == [True] * 4
    words = ["accepts the key", "allowed to create contacts", ID_PROPERTY, "mapped"]
    assert [word for word, finding in zip(words, findings, strict=True) if word in finding.sentence] == words


def test_missing_properties_are_named_and_created_on_request(practice_crm: Any) -> None:
    """The property for the lead's id, with unique values, and those that fields are mapped to."""
    ana = make_lead(rating=4, note="call me\nsoon", scanned_at="2026-11-24T09:30:00+00:00")
    with pytest.raises(ConfigurationFault, match=ID_PROPERTY):
        push_batches(make_unprepared_connector(practice_crm, fields=MAPPED), [ana])

    before = join_problems(run_check(make_unprepared_connector(practice_crm, fields=MAPPED)))
    added = created(make_unprepared_connector(practice_crm, fields=MAPPED))
    again = created(make_unprepared_connector(practice_crm, fields=MAPPED))
    after = run_check(make_unprepared_connector(practice_crm, fields=MAPPED))
    (outcomes,) = push_batches(make_unprepared_connector(practice_crm, fields=MAPPED), [ana])

    names = {ID_PROPERTY, "booth_rating", "booth_note", "booth_scanned_at"}
    assert {name for name in names if name in before} == names
    assert (len(added), all(finding.is_well for finding in added)) == (4, True)
    assert (again, join_problems(after)) == ([], "")
    assert isinstance(outcomes[ana.id], Delivered)
    assert (
        practice_crm.contact(ana.id)["booth_rating"],
        practice_crm.contact(ana.id)["booth_note"],
    ) == ("4", "call me\nsoon")


def test_a_property_that_need_not_be_unique_cannot_be_the_key(crm: Any) -> None:
    """HubSpot does not let that be changed: another name must be chosen."""
    add_property(crm, "booth_plain")

    with pytest.raises(ConfigurationFault, match="non-unique"):
        push_batches(make_unprepared_connector(crm, id_property="booth_plain"), [make_lead()])

    assert "choose another name" in join_problems(run_check(make_unprepared_connector(crm, id_property="booth_plain")))
    assert created(make_unprepared_connector(crm, id_property="booth_plain")) == []


def test_a_mapping_that_cannot_be_written_is_reported(crm: Any) -> None:
    """To a read-only property, or one of another type."""
    options = [{"label": word, "value": word, "hidden": False} for word in ("hot", "cold")]
    add_property(crm, "booth_heat", "enumeration", "select", options=options)
    fields = {"email": "email", "scanned_at": "createdate", "rating": "booth_heat"}

    found = join_problems(run_check(make_connector(crm, fields=fields)))

    assert "createdate" in found
    assert "only takes cold, hot" in found


def test_a_mapping_to_a_missing_property_is_a_configuration_fault(crm: Any) -> None:
    """No lead is parked because of it."""
    with pytest.raises(ConfigurationFault, match="booth_nothing"):
        push_batches(
            make_connector(crm, fields={"email": "email", "note": "booth_nothing"}),
            [make_lead(note="x"), make_lead(note="y")],
        )


@pytest.mark.parametrize("fault", ["unauthorised", "forbidden"])
def test_a_rejected_key_is_a_check_result(crm: Any, fault: str) -> None:
    """The sentence says what to do."""
    crm.set_faults(**{fault: True})

    (finding,) = run_check(make_unprepared_connector(crm))

    assert not finding.is_well


def test_an_account_that_cannot_be_asked_is_an_error(crm: Any) -> None:
    """Nothing is known about the account then."""
    crm.set_faults(down=True)

    with pytest.raises(CrmDown):
        run_check(make_unprepared_connector(crm))
    with pytest.raises(CrmDown):
        created(make_unprepared_connector(crm))


def test_an_unknown_api_version_is_a_configuration_fault(crm: Any) -> None:
    """As when HubSpot retires a version."""
    make_connector(crm)

    with pytest.raises(ConfigurationFault, match="no such address"):
        push_batches(make_unprepared_connector(crm, version="2019-03"), [make_lead()])
    assert not run_check(make_unprepared_connector(crm, version="2019-03"))[0].is_well


@pytest.mark.parametrize("version", ["2026-03", "2026-09", "v3"])
def test_each_version_delivers_checks_and_removes(crm: Any, version: str) -> None:
    """The test lead is gone afterwards; removing it twice is not an error."""
    ana = make_lead()
    connector = make_connector(crm, version=version)

    async def try_out(connector: HubSpotConnector) -> tuple[Any, ...]:
        findings = await connector.check_setup()
        outcomes = await connector.push("batch", [ana])
        there = crm.contact(ana.id)["id"]
        removed = [await connector.remove_test_lead(ana, there) for _ in range(2)]
        return join_problems(findings), outcomes[ana.id], there, removed

    said, outcome, there, removed = use_connector(connector, try_out)

    assert ("", Delivered(there, 200), [True, True]) == (said, outcome, removed)
    with pytest.raises(AssertionError, match="does not have it"):
        crm.contact(ana.id)


def test_a_test_lead_that_could_not_be_removed_is_reported(crm: Any) -> None:
    """The test lead still exists."""
    ana = make_lead()
    connector = make_connector(crm)
    (outcomes,) = push_batches(connector, [ana])
    crm.set_faults(unauthorised=True)

    with pytest.raises(NotAuthorised):
        use_connector(
            make_connector(crm),
            lambda connector: connector.remove_test_lead(ana, getattr(outcomes[ana.id], "remote_id", "")),
        )

    assert crm.contact(ana.id)
