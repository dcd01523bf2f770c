"""Which IDs a scanner meant: what its other badges, the event's pattern, the attendee list or kiosk.toml prove."""

import pytest

from kiosk.badges.keyboard_layouts import make_layout_pair
from kiosk.badges.layout_memory import LayoutMemory
from kiosk.badges.profile import BadgeProfile

GERMAN, FRENCH = make_layout_pair("US", "German"), make_layout_pair("US", "French")
MECARD = "MECARD:N:Lopez,Ana;EMAIL:ana.lopez@example.org;;"


class IdList:
    """An attendee list."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids

    def has_id(self, badge_id: str) -> bool:
        """Whether it has *badge_id*, in any case."""
        return badge_id.lower() in [one.lower() for one in self.ids]

    def count_with_prefix(self, prefix: str) -> int:
        """How many of its IDs begin with *prefix*."""
        return sum(one.startswith(prefix) for one in self.ids)


@pytest.mark.parametrize(
    ("typed", "pattern", "meant"),
    [
        ("QC+157", r"QC-\d+", "QC-157"),  # a Swedish keyboard
        ("abcd1234", r"[A-Z]{4}\d{4}", "ABCD1234"),  # Caps Lock
        ("PZD97", r"[A-Z]{3}\d\d", "PZD97"),  # matches as it is, though PYD97 would, too
        ("hello", r"[A-Z]{3}\d\d", "hello"),
    ],
)
def test_the_events_pattern_proves_what_an_id_is(typed: str, pattern: str, meant: str) -> None:
    text, notice = LayoutMemory(BadgeProfile(id_pattern=pattern)).repair_scan(typed)

    assert text == meant
    assert bool(notice) == (text != typed)


def test_an_id_on_the_attendee_list_proves_the_layout_of_later_ids_that_are_on_it() -> None:
    """An ID that is on no list may be right as it was typed; a notice names the layout."""
    memory, id_list = LayoutMemory(), IdList("PZD97WTMFJ", "QRSTZ12345")

    text, notice = memory.repair_scan("PYD97WTMFJ", id_list)

    assert text == "PZD97WTMFJ"
    assert "German" in notice
    assert memory.repair_scan("QRSTY12345", id_list)[0] == "QRSTZ12345"
    text, notice = memory.repair_scan("AYB12CDEFG", id_list)
    assert text == "AYB12CDEFG"
    assert "German" in notice


def test_an_id_that_is_on_the_list_as_typed_is_not_changed() -> None:
    """And it proves that somebody has corrected the layout."""
    id_list = IdList("PZD97WTMFJ", "PYD97WTMFJ", "XYZ97WTMFJ")
    memory = LayoutMemory()
    assert memory.repair_scan("PYD97WTMFJ", id_list) == ("PYD97WTMFJ", "")

    memory.repair_scan(GERMAN.simulate_typing(MECARD), id_list)
    assert memory.repair_scan("XZY97WTMFJ", id_list)[0] == "XYZ97WTMFJ"
    assert memory.repair_scan("XYZ97WTMFJ", id_list) == ("XYZ97WTMFJ", "")
    assert memory.repair_scan("AYB12CDEFG", id_list) == ("AYB12CDEFG", "")


@pytest.mark.parametrize("badge_id", ["PZD97WTMFJ", "ABCDEFGH", "abc1234"])
def test_caps_lock_is_not_remembered(badge_id: str) -> None:
    """Staff press it as the card tells them, and the next badge is right."""
    memory = LayoutMemory()
    assert "Caps Lock" in memory.repair_scan("begin:vcard\nfn:aNA lOPEZ\nend:vcard")[1]

    assert memory.repair_scan(badge_id) == (badge_id, "")


@pytest.mark.parametrize("badge_id", ["Z0012", "Y0012", "QC-157", "QC/157", "PZD97WTMFJ"])
def test_an_id_of_a_second_scanner_that_is_set_right_is_not_changed(badge_id: str) -> None:
    memory = LayoutMemory()
    assert "German" in memory.repair_scan(GERMAN.simulate_typing(MECARD))[1]

    for _ in range(5):
        assert memory.repair_scan(badge_id)[0] == badge_id
    assert memory.repair_scan(badge_id) == (badge_id, "")  # and the notice does not come back forever


@pytest.mark.parametrize(
    ("pattern", "typed", "then"), [("[A-Z]{3}[0-9]{4}", "abc1234", "ABC1234"), ("[A-Z][0-9]{4}", "y0012", "Z0012")]
)
def test_an_id_that_matches_the_events_pattern_is_not_changed(pattern: str, typed: str, then: str) -> None:
    """Whatever badges before it have proven."""
    memory = LayoutMemory(BadgeProfile(id_pattern=pattern))
    memory.repair_scan(GERMAN.simulate_typing(MECARD))
    memory.repair_scan(typed)

    assert memory.repair_scan(then)[0] == then


def test_the_events_pattern_confirms_what_a_proven_layout_makes_of_an_id() -> None:
    memory = LayoutMemory(BadgeProfile(id_pattern=r"\d{3}/\d{3}"))
    memory.repair_scan(GERMAN.simulate_typing(MECARD))

    assert memory.repair_scan("123-456")[0] == "123/456"


def test_in_a_numbered_list_a_neighbour_proves_nothing() -> None:
    """Y0012 may be a visitor who is not on the list, and Z0012 is somebody else."""
    numbered = IdList("Z0011", "Z0012", "Z0013")

    assert LayoutMemory().repair_scan("Y0012", numbered) == ("Y0012", "")


def test_signs_that_are_no_id_are_the_number_on_the_list() -> None:
    numbered = IdList("13453", "13454", "13456")

    assert LayoutMemory().repair_scan("&\"'(-", numbered)[0] == "13456"


def test_the_layouts_in_the_settings_need_no_proof() -> None:
    memory = LayoutMemory(configured=GERMAN)

    assert memory.repair_scan("PYD97WTMFJ") == ("PZD97WTMFJ", "")
    assert memory.repair_scan("123-456") == ("123/456", "")


def test_a_badge_that_proves_the_settings_wrong_says_so() -> None:
    memory = LayoutMemory(configured=GERMAN)

    text, notice = memory.repair_scan(MECARD)

    assert text == MECARD
    assert "scanner_layout" in notice
    assert memory.repair_scan("PYD97WTMFJ") == ("PYD97WTMFJ", "")


def test_of_layouts_that_fit_equally_the_computers_own_is_chosen() -> None:
    """What a Swedish and a German keyboard make of this differs in the letters z and y alone."""
    swedish = make_layout_pair("US", "Swedish")

    assert "Lopez" in LayoutMemory(expected=swedish).repair_scan(swedish.simulate_typing(MECARD))[0]
    assert "Lopez" in LayoutMemory(expected=GERMAN).repair_scan(GERMAN.simulate_typing(MECARD))[0]


def test_an_address_that_is_no_id_is_repaired_though_nothing_else_identifies_it() -> None:
    address = "ana.lopez@example.org"

    assert LayoutMemory().repair_scan(FRENCH.simulate_typing(address))[0] == address
    assert LayoutMemory(expected=GERMAN).repair_scan(GERMAN.simulate_typing(address))[0] == address
    assert LayoutMemory().repair_scan('ana.lopez"example.org')[0] == 'ana.lopez"example.org'  # z or y?
