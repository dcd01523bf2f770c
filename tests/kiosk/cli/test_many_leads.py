"""Lists and exports need as much memory for very many leads as for few, and for very large ones hardly more."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from data.listing import iterate_listed_leads, read_snapshot
from data.outbox import STATES
from data.store import open_store, write_transaction
from tests.support.many_leads import HUGE_ANSWERS, ROOT, cost_of, fill

COMMANDS = {
    "leads": ["leads"],
    "leads for scripts": ["leads", "--json"],
    "pending": ["pending", "--state", "all"],
    "pending for scripts": ["pending", "--state", "all", "--json"],
    "csv": ["export", "leads.csv"],
    "json": ["export", "leads.json"],
    "vcf": ["export", "leads.vcf"],
}

FEW, MANY = 1_000, 20_000


@pytest.fixture(scope="module")
def kiosks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The settings of kiosks with few leads, with many, and with very large ones."""
    found = {}
    for name, number, answers in (("few", FEW, None), ("many", MANY, None), ("huge", 120, HUGE_ANSWERS)):
        folder = tmp_path_factory.mktemp(name)
        found[name] = folder / "kiosk.toml"
        found[name].write_text(f'[data]\nfolder = "{folder}"\n[event]\nname = "Expo"\n')
        fill(folder / "practice" / "kiosk.db", number, answers).close()
    return found


def command(name: str, settings: Path) -> list[str]:
    """Return the arguments of a command; its file is beside the settings."""
    *rest, last = COMMANDS[name]
    return ["--config", str(settings), *rest, str(settings.parent / last) if rest[:1] == ["export"] else last]


@pytest.mark.parametrize("name", COMMANDS)
def test_twenty_times_as_many_leads_need_hardly_more_memory(kiosks: dict[str, Path], name: str) -> None:
    """In memory at the same time, they would take 60 to 150 MB more."""
    few, many = (cost_of(ROOT, *command(name, kiosks[size])).megabytes for size in ("few", "many"))

    assert many < 100
    assert many - few < 25


@pytest.mark.parametrize("name", COMMANDS)
def test_very_large_leads_need_a_bounded_memory(kiosks: dict[str, Path], name: str) -> None:
    """The database holds a hundred megabytes of answers."""
    assert cost_of(ROOT, *command(name, kiosks["huge"])).megabytes < 150


def test_all_of_them_are_there(kiosks: dict[str, Path]) -> None:
    """Each is listed once, newest first; in the pending list, leads that need a person come first."""
    cost_of(ROOT, *command("json", kiosks["many"]))
    ids = [row["lead_id"] for row in json.loads((kiosks["many"].parent / "leads.json").read_bytes())]
    with closing(open_store(kiosks["many"].parent / "practice" / "kiosk.db")) as db:
        pending = [(lead.state, lead.id) for lead in iterate_listed_leads(db, states=STATES)]

    needy = [lead_id for state, lead_id in pending if state == "needs you"]
    others = [lead_id for state, lead_id in pending if state != "needs you"]
    assert len(set(ids)) == MANY
    assert sorted(ids, reverse=True) == ids
    assert [lead_id for _, lead_id in pending] == [*sorted(needy, reverse=True), *sorted(others, reverse=True)]
    assert 0 < len(needy) < len(others)


def test_leads_that_change_while_they_are_listed_come_once(tmp_path: Path) -> None:
    """A lead that begins or ceases to need a person meanwhile is neither left out nor listed twice."""
    path = tmp_path / "kiosk.db"
    db = fill(path, FEW)
    source = iterate_listed_leads(db, states=STATES)
    found = [next(source)]
    other = open_store(path)
    with write_transaction(other):
        other.execute("update outbox set state = case state when 'waiting' then 'needs you' else 'waiting' end")
    found += source

    assert len({lead.id for lead in found}) == len(found) == FEW
    with read_snapshot(db):
        again = iterate_listed_leads(db, states=("waiting",))
        first = next(again)
        with write_transaction(other):
            other.execute("update outbox set state = 'delivered'")
        assert {lead.state for lead in again} == {first.state} == {"waiting"}
    other.close()
    db.close()
