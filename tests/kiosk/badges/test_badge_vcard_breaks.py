"""vCards whose line breaks were lost, turned into spaces, or printed with their backslash."""

from itertools import permutations

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge


def read(text: str) -> Badge:
    """Read the vCard *text*."""
    badge = read_badge(text.encode(), text, BadgeProfile())
    assert isinstance(badge, Badge)
    return badge


NAMES = [
    *(("Mary", "Johnson"), ("Kevin", "Hansen"), ("Olga", "Nilsen"), ("Ivan", "Ivan"), ("Karin", "Braun")),
    *(("Jan", "Bergmann"), ("Ann", "Lin"), ("Ellen", "Sven"), ("Lyn", "Dunn"), ("Erin", "Tan"), ("Ben", "Stein")),
    *(("Eren", "Aydın"), ("Dan", "McURL"), ("Jean", "O'Brien"), ("Émilien", "Günn"), ("Fn", "N"), ("KEVIN", "HANSEN")),
    *(("ANNE", "DUFF"), ("INGE", "BORG"), ("DAVID", "LANGEN"), ("JOHN", "KIND"), ("IAN", "TOWNSEND")),
]
"""First and last names; most end in n, some in the name of a property, and some are in capitals."""

BREAKS = {
    "lost": "",
    "a blank": " ",
    "three blanks": "   ",
    r"\n": r"\n",
    r"\r\n": r"\r\n",
    r"\r": r"\r",
    r"\n, printed twice": r"\\n",
    r"\r\n between blanks": r" \r\n ",
    "a tag": "<br>",
    "an entity": "&#10;",
    "real": "\n",
}


@pytest.mark.parametrize("lost", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize(("first", "last"), NAMES)
def test_no_name_is_cut_whatever_separates_the_lines(first: str, last: str, lost: str) -> None:
    """In every order of the name, its parts, the company and the address."""
    lines = (f"N:{last};{first};;;", f"FN:{first} {last}", "ORG:Verizon", "EMAIL;TYPE=INTERNET:x.y@example.org")

    for order in permutations(lines):
        card = lost.join(("BEGIN:VCARD", "VERSION:3.0", *order, "END:VCARD"))

        assert read(card).contact == Contact(
            f"{first} {last}", first, last, email="x.y@example.org", company="Verizon"
        ), card


def test_every_property_is_found() -> None:
    """Also groups, extensions and addresses; a port in a link is not a property."""
    badge = read(
        "BEGIN:VCARDVERSION:3.0N:Lopez;MariaFN:Maria LopezNICKNAME:MimiTITLE:CTOitem1.EMAIL;type=INTERNET:m@example.org"
        "item1.X-ABLabel:WorkLANG:enGEO:1,2ADR;TYPE=WORK:;;1 Main St;Georgetown;TX;78626;USAX-DIET:vegan"
        "URL:https://example.org:8080/aTEL;TYPE=WORK,VOICE:+1 555 0100END:VCARD"
    )

    assert badge.contact == Contact(
        *("Maria Lopez", "Maria", "Lopez", "m@example.org", "+1 555 0100", "", "CTO", "https://example.org:8080/a"),
        *("1 Main St", "Georgetown", "TX", "78626", "USA"),
    )
    assert badge.answers == {"nickname": "Mimi", "diet": "vegan"}


def test_keywords_in_small_letters_are_found_too() -> None:
    """As a scanner types them with Caps Lock on, or a generator writes them."""
    contact = read("begin:vcardversion:3.0n:hansen;kevinfn:kevin hansenemail:kh@example.orgend:vcard").contact

    assert contact == Contact("kevin hansen", "kevin", "hansen", "kh@example.org")


@pytest.mark.parametrize(
    "card",
    [
        "BEGIN%3AVCARD%0D%0AVERSION%3A3.0%0D%0AN%3ALopez%3BZo%C3%AB%0D%0AFN%3AZo%C3%AB%20Lopez%0D%0AEND%3AVCARD",
        "BEGIN:VCARD%0AVERSION:3.0%0AN:Lopez;Zo%C3%AB%0AFN:Zo%C3%AB+Lopez%0AEND:VCARD",
        "begin: vcard\nversion: 3.0\nn: Lopez;Zoë\nfn: Zoë Lopez\nend: vcard",
        "VERSION:3.0\nN:Lopez;Zoë\nFN:Zoë Lopez\nEND:VCARD",
        "BEGIN:VCARD\\r\nVERSION:3.0\\r\nN:Lopez;Zoë \\r\\n\nFN:Zoë Lopez\\n\nEND:VCARD\\r\n",
        "BEGIN:VCARD\nVERSION:3.0\nN:Lopez;ZoëFN:Zoë Lopez\nORG:\nTITLE:\nEND:VCARD",
    ],
    ids=["percent", "percent and plus", "blanks behind colons", "no BEGIN", "printed and real", "one break is lost"],
)
def test_a_card_in_another_notation_is_read(card: str) -> None:
    """As in a link, as typed by a person, or without its first line."""
    assert read(card).contact == Contact("Zoë Lopez", "Zoë", "Lopez")


NOTES = [
    (r"NOTE:Call first.\nTEL: 555-0100 is the fax", "Call first. TEL: 555-0100 is the fax"),
    (r"NOTE:Her ORG:chart is here", "Her ORG:chart is here"),
    ("NOTE:The number is direct\n  tel: 555-0100 is the fax", "The number is direct tel: 555-0100 is the fax"),
    ("NOTE:Their address\n EMAIL:info@example.org is shared", "Their addressEMAIL:info@example.org is shared"),
    ("NOTE;ENCODING=QUOTED-PRINTABLE:one =E2=82=AC=\n two", "one € two"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "note"), NOTES)
def test_a_note_that_mentions_a_property_is_a_note(line: str, note: str) -> None:
    """A sound card is not repaired, and a folded line continues the line before it."""
    badge = read(f"BEGIN:VCARD\nVERSION:3.0\nN:Lopez;Ana\nFN:Ana Lopez\n{line}\nEND:VCARD")

    assert badge.contact == Contact("Ana Lopez", "Ana", "Lopez")
    assert badge.answers == {"note": note}


QUOTED = "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=CE=9A=20=CE=93="


@pytest.mark.parametrize(
    "lines",
    [
        f"{QUOTED}\nTEL;CELL:+30 694",
        f"{QUOTED}\n\nTEL;CELL:+30 694",
        f"{QUOTED}\r\n \r\nitem1.TEL:+30 694",
        f"TEL:+30 694\n{QUOTED}",
        f"{QUOTED[:-4]}=\n=93=\nX-DIET:\nTEL:+30 694",
        f"TEL:+30 694\n{QUOTED}\n\nvegan",
        f"{QUOTED[:-4]}==93\nTEL:+30 694",
    ],
    ids=["property", "blank line", "blank line with blanks", "END", "continued", "stray", "break lost"],
)
def test_quoted_printable_that_ends_badly_swallows_nothing(lines: str) -> None:
    """A blank line, or a line that begins with a property, ends it."""
    contact = read(f"BEGIN:VCARD\nVERSION:2.1\n{lines}\nEND:VCARD").contact

    assert contact == Contact("Κ Γ", phone="+30 694")


def test_indented_lines_are_not_folded_if_none_are() -> None:
    """Some programs indent a few lines."""
    badge = read(
        "BEGIN:VCARD\nVERSION:3.0\n N:Lopez;Ana\nFN:Ana Lopez\nURL:http://example.org/ \n EMAIL:a@example.org\nTEL:1\n"
        " ADR;TYPE=WORK:;;Main St;Town;;1;Peru\nEND:VCARD"
    )

    assert badge.contact == Contact(
        *("Ana Lopez", "Ana", "Lopez", "a@example.org", "1", "", "", "http://example.org/"),
        *("Main St", "Town", "", "1", "Peru"),
    )


def test_a_semicolon_may_replace_the_colon() -> None:
    """With and without parameters."""
    badge = read(
        "BEGIN:VCARD\nN;Lopez;Ana\nFN;Ana Lopez\nORG; ACME\nEMAIL;WORK;a@example.org\nURL;https://example.org\nTEL;CELL:1\n"
        "END:VCARD"
    )

    assert badge.contact == Contact(
        "Ana Lopez", "Ana", "Lopez", "a@example.org", "1", "ACME", website="https://example.org"
    )


def test_a_person_may_be_called_like_a_property() -> None:
    """Somebody will try."""
    badge = read("BEGIN:VCARD\nVERSION:3.0\nN:;;;;\nFN:END:VCARD\nORG:ACME\nX-BADGE-ID:17\nEND:VCARD")

    assert badge == Badge("vcard", Contact("END:VCARD", company="ACME"), "17")


@pytest.mark.parametrize(
    "agent",
    [
        "AGENT:\nBEGIN:VCARD\nVERSION:2.1\nN:Help;Hel\nEMAIL:help@example.org\nEND:VCARD",
        "AGENT:BEGIN:VCARD\nVERSION:2.1\nN:Help;Hel\nEMAIL:help@example.org\nEND:VCARD",
        "AGENT:BEGIN:VCARD\n VERSION:3.0\n N:Help;Hel\n EMAIL:help@example.org\n END:VCARD",
        r"AGENT:BEGIN:VCARD\nVERSION:3.0\nN:Help;Hel\nEMAIL:help@example.org\nEND:VCARD\n",
    ],
    ids=["2.1", "on one line", "folded", "3.0"],
)
def test_a_nested_card_of_an_assistant_is_kept_apart(agent: str) -> None:
    """Neither of them gets or loses an address."""
    contact = read(f"BEGIN:VCARD\nVERSION:2.1\nN:Boss;Bo\n{agent}\nEMAIL:boss@example.org\nEND:VCARD").contact

    assert contact == Contact("", "Bo", "Boss", "boss@example.org")


def test_stray_lines_and_other_cards_are_unread() -> None:
    """The first card is the visitor's; nobody is mixed into it, and nothing is hidden."""
    badge = read(
        "BEGIN:VCARD\nFN:Ana Lopez\nHall 7\nEMAIL:a@example.org\nEND:VCARD\nBEGIN:VCARD\nFN:Ben Roe\nTEL:1\nEND:VCARD"
    )

    assert badge.contact == Contact("Ana Lopez", email="a@example.org")
    assert badge.unread == ("Hall 7", "FN:Ben Roe", "TEL:1")


def test_an_address_after_a_picture_of_any_size_is_read() -> None:
    """Folded, unfolded, or as long as a camera makes it. None of its lines is read as anything else."""
    for picture in ("/9j/4AAQ" * 40_000, "\n ".join(["/9j/4AAQSk" * 7] * 3000), "\n".join(["/9j/4AAQSk" * 7] * 3000)):
        badge = read(f"BEGIN:VCARD\nFN:Ana Lopez\nPHOTO;ENCODING=b:{picture}\nEMAIL:a@example.org\nEND:VCARD")

        assert badge == Badge("vcard", Contact("Ana Lopez", email="a@example.org"))
