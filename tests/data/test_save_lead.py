"""Saving a scan: lead, scan and outbox row in one transaction; what a second scan does; what people change."""

import sqlite3

import pytest

from data import lead_table, leads, outbox
from data.contact import CONTACT_FIELDS, Contact
from data.errors import StoreUnusable
from data.lead import derive_email_identity
from data.store import open_store, write_transaction
from tests.data.conftest import Booth

TABLES = ("leads", "scans", "outbox", "identities", "actions")


def test_a_scan_is_a_lead_a_scan_and_an_outbox_row(booth: Booth) -> None:
    """Another connection sees all three as soon as `arrive` returns."""
    saved = booth.show(name="Ana Lopez", email="ana@initech.example", company="Initech")

    other = open_store(booth.path)
    found = other.execute(
        "select leads.id, outbox.state, outbox.revision, scans.payload, scans.operator from leads"
        " join outbox on outbox.lead_id = leads.id join scans on scans.lead_id = leads.id"
    ).fetchall()
    other.close()
    assert saved.is_new
    assert [tuple(row) for row in found] == [(saved.lead.id, "waiting", 1, b"a badge", "ana")]


@pytest.mark.parametrize("step", ["insert_identities", "insert_rows"])
def test_what_fails_half_way_leaves_nothing(booth: Booth, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Neither a lead without its outbox row nor an identity without its scan, and the next scan is saved."""
    with monkeypatch.context() as patch:
        patch.setattr(
            f"data.lead_table.{step}",
            lambda *_, **__: (_ for _ in ()).throw(sqlite3.OperationalError("disk I/O error")),
        )
        with pytest.raises(StoreUnusable, match="nothing was saved"):
            booth.show(name="Ana Lopez", email="ana@initech.example")

    assert [booth.count_rows(table) for table in TABLES] == [0] * 5
    assert booth.show(name="Ana Lopez", email="ana@initech.example").is_new


def test_a_second_scan_that_fails_leaves_the_first_as_it_was(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging is all or nothing too."""
    first = booth.show(name="Ana Lopez", email="ana@initech.example").lead
    with monkeypatch.context() as patch:
        patch.setattr(lead_table, "insert_scan", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            booth.show(email="ana@initech.example", company="Initech")

    assert leads.get_lead(booth.db, first.id) == first
    assert booth.read_outbox_row(first.id)["revision"] == 1


def test_a_second_scan_is_the_same_lead_with_two_scans(booth: Booth) -> None:
    """Empty fields are filled, known ones and the higher rating stay; notes, tags and answers add up."""
    first = booth.show(
        name="Ana Lopez", email="ana@initech.example", rating=4, note="wants a demo", tags=("hot",), answers={"a": "1"}
    )

    second = booth.show(
        name="A. Lopez", email="ana@initech.example", company="Initech", rating=2, note="came back",
        tags=("hot", "robots"), answers={"a": "2", "b": "3"},
    )  # fmt: skip

    lead = leads.get_lead(booth.db, first.lead.id)
    assert (second.is_new, second.lead) == (False, lead)
    assert (lead.contact.name, lead.contact.company, lead.rating) == ("Ana Lopez", "Initech", 4)
    assert lead.note == "wants a demo\ncame back"
    assert lead.tags == ("hot", "robots")
    assert lead.answers == {"a": "1", "b": "3"}
    assert [booth.count_rows(table) for table in TABLES[:3]] == [1, 2, 1]
    assert [lead.revision, booth.read_outbox_row(lead.id)["revision"]] == [2, 2]


@pytest.mark.parametrize(
    ("first", "second", "kept"), [(None, 3, 3), (3, None, 3), (None, None, None), (2, 5, 5), (5, 2, 5)]
)
def test_the_higher_rating_stays(booth: Booth, first: int | None, second: int | None, kept: int | None) -> None:
    """None means "nobody asked", and never replaces a rating."""
    booth.show("badge:7", name="Ana", rating=first)

    assert booth.show("badge:7", name="Ana", rating=second).lead.rating == kept


def test_a_scan_with_nothing_new_owes_nothing_new(booth: Booth) -> None:
    """A delivered lead whose badge is shown again stays delivered; the scan is recorded."""
    lead = booth.show(name="Ana Lopez", email="ana@initech.example").lead
    with write_transaction(booth.db):
        outbox.settle_lead(booth.db, lead.id, 1, "crm-1", booth.clock.wall_time())

    again = booth.show(name="Ana Lopez", email="ana@initech.example")

    assert again.lead == lead
    assert (booth.read_outbox_row(lead.id)["state"], booth.count_rows("outbox")) == ("delivered", 1)
    assert booth.count_rows("scans") == 2


def test_capitals_and_spaces_in_an_e_mail_make_no_second_lead(booth: Booth) -> None:
    """`Ana@INITECH.example` is the person with `ana@initech.example`; the address stays as it was written first."""
    first = booth.show(name="Ana Lopez", email="Ana@Initech.example")

    second = booth.show(name="Ana Lopez", email=" ana@INITECH.EXAMPLE ")

    assert (first.lead.id, "Ana@Initech.example") == (second.lead.id, second.lead.contact.email)
    assert "email:straße@initech.example".casefold() == derive_email_identity("STRASSE@initech.example")


def test_any_of_several_identities_finds_the_lead(booth: Booth) -> None:
    """A badge with an e-mail and an id is recognised by either alone."""
    lead = booth.show("email:ana@x.example", "badge:7", name="Ana", email="ana@x.example").lead

    assert booth.show("badge:7", badge_id="7").lead.id == lead.id
    assert booth.show("email:ana@x.example", email="ana@x.example").lead.id == lead.id


def test_an_identity_learned_by_a_second_scan_counts_from_then_on(booth: Booth) -> None:
    """First the badge id alone, then id and e-mail, then the e-mail alone: one lead."""
    lead = booth.show("badge:7", badge_id="7").lead
    booth.show("email:ana@x.example", "badge:7", email="ana@x.example", badge_id="7")

    assert booth.show("email:ana@x.example", email="ana@x.example").lead.id == lead.id
    assert booth.count_rows("leads") == 1


def test_the_strongest_known_identity_decides(booth: Booth) -> None:
    """A badge that matches two leads is the one with its e-mail, which has its id from then on."""
    ana = booth.show("email:ana@x.example", email="ana@x.example", name="Ana").lead
    booth.show("badge:7", badge_id="7")

    assert booth.show("email:ana@x.example", "badge:7", badge_id="7").lead.id == ana.id
    assert booth.show("badge:7", badge_id="7").lead.id == ana.id


def test_the_same_person_at_two_events_is_two_leads(booth: Booth) -> None:
    """Identities are unique in an event."""
    here = booth.show(name="Ana", email="ana@x.example").lead
    there = booth.show(name="Ana", email="ana@x.example", event="Fair 2027").lead

    assert here.id != there.id
    assert list(leads.iterate_leads(booth.db, "Fair 2027")) == [there]
    assert list(leads.iterate_leads(booth.db)) == [here, there]


def test_a_badge_that_became_readable_gives_its_kind(booth: Booth) -> None:
    """An unknown badge gets the kind of a later scan; a known kind stays."""
    booth.show("badge:7", kind="unknown", badge_id="7")

    assert booth.show("badge:7", kind="vcard", name="Ana").lead.kind == "vcard"
    assert booth.show("badge:7", kind="id").lead.kind == "vcard"


HOSTILE = ["'); drop table leads; --", 'a"b', "100%", "_", "\x1b[31m", "line\r\nline", "nul\0here", "山田 𝕏 \u202e"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back_as_it_went_in(booth: Booth, text: str) -> None:
    """In every contact field, the note, a tag, an answer and an identity: text is a value, never SQL."""
    fields = dict.fromkeys(CONTACT_FIELDS, text)
    values = {"badge_id": text, "note": text, "tags": (text,), "answers": {text: text}}

    lead = booth.show(f"badge:{text}", **fields, **values).lead

    assert leads.get_lead(booth.db, lead.id) == lead
    assert Contact(*[text] * len(CONTACT_FIELDS)) == lead.contact
    assert not booth.show(f"badge:{text}").is_new


def test_half_a_character_is_refused_whole(booth: Booth) -> None:
    """UTF-8 cannot encode a lone surrogate: it is an error, and the next scan is saved."""
    with pytest.raises(ValueError, match="surrogates not allowed"):
        booth.show(name="Ana", note="\ud83d")

    assert [booth.count_rows(table) for table in TABLES] == [0] * 5
    assert booth.show(name="Ana").is_new


def test_the_display_gets_the_best_that_is_known(booth: Booth) -> None:
    """Name, then first and last name, e-mail, phone, badge id, and a phrase if there is nothing."""
    shown = [
        booth.lead(name="Ana Lopez", first_name="A").label,
        booth.lead(first_name="Ana", last_name="Lopez").label,
        booth.lead(email="ana@x.example", phone="1").label,
        booth.lead(phone="+1 555", badge_id="7").label,
        booth.lead(badge_id="7").label,
        booth.lead().label,
    ]

    assert shown == ["Ana Lopez", "Ana Lopez", "ana@x.example", "+1 555", "7", "unknown badge"]


def test_an_edit_is_the_next_revision_and_says_who_made_it(booth: Booth) -> None:
    """Contact fields and the lead's own in one go; the new revision is in the outbox."""
    lead = booth.show(name="Ana", email="ana@x.example").lead

    edited = leads.edit_lead(
        booth.db, lead.id, {"company": "Initech", "rating": 5, "tags": ("hot",)}, "bob", booth.clock
    )

    action = booth.db.execute("select verb, reason, operator from actions").fetchall()
    assert leads.get_lead(booth.db, lead.id) == edited
    assert (edited.contact.company, edited.rating, edited.tags, edited.revision) == ("Initech", 5, ("hot",), 2)
    assert [tuple(row) for row in action] == [("edit", "company, rating, tags", "bob")]
    assert (booth.read_outbox_row(lead.id)["revision"], booth.read_outbox_row(lead.id)["state"]) == (2, "waiting")


def test_an_edit_that_changes_nothing_sends_nothing(booth: Booth) -> None:
    """Saving an unchanged form makes no revision."""
    lead = booth.show(name="Ana", rating=3).lead

    assert leads.edit_lead(booth.db, lead.id, {"name": "Ana", "rating": 3, "tags": ()}, "bob", booth.clock) == lead
    assert booth.count_rows("actions") == 0


def test_an_edit_of_a_lead_that_is_not_there_is_a_key_error(booth: Booth) -> None:
    """And leaves no transaction open behind it."""
    with pytest.raises(KeyError):
        leads.edit_lead(booth.db, "nobody", {"name": "Ana"}, "bob", booth.clock)

    assert not booth.db.conn.in_transaction


def test_a_rating_out_of_range_is_refused(booth: Booth) -> None:
    """The database accepts 1 to 5 only."""
    lead = booth.show(name="Ana").lead

    with pytest.raises(sqlite3.IntegrityError):
        leads.edit_lead(booth.db, lead.id, {"rating": 6}, "bob", booth.clock)
    assert leads.get_lead(booth.db, lead.id) == lead


def test_an_e_mail_that_was_typed_in_makes_the_person_known(booth: Booth) -> None:
    """The lead completed by hand and the badge with that address are one lead."""
    lead = booth.show("badge:7", badge_id="7").lead
    leads.edit_lead(booth.db, lead.id, {"email": "Ana@X.example"}, "bob", booth.clock)

    assert booth.show(name="Ana", email="ana@x.example").lead.id == lead.id


def test_the_start_of_an_id_tells_one_lead_from_several(booth: Booth) -> None:
    """No id, one, or at most two; wildcards of LIKE have no meaning."""
    first, second, _ = (booth.show(name=name).lead.id for name in ("Ana", "Bob", "Eve"))

    assert leads.find_ids_by_prefix(booth.db, first) == [first]
    assert len(leads.find_ids_by_prefix(booth.db, second[:8])) == 2
    assert leads.find_ids_by_prefix(booth.db, "%") == []
    assert leads.find_ids_by_prefix(booth.db, "_" * 36) == []
