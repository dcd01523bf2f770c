"""An organiser's attendee list as a CSV file: any encoding, separator and column order; a bad row stops nothing."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.contact import CONTACT_FIELDS, Contact

BADGE_ID = "badge_id"
"""What a column is called that holds the id on the badge."""

SEPARATORS = ",;\t|"

HEADERS: Mapping[str, str] = {
    name: fields
    for fields, names in {
        BADGE_ID: "badgeid badge badgenumber badgeno badgecode id ticketid ticket ticketcode ticketnumber "
                  "registrationid registrantid regid attendeeid leadid participantid code barcode qr qrcode uuid "
                  "secret orderpositionid teilnehmernummer ticketnummer",
        "name": "name fullname attendeename attendee displayname contact nombrecompleto nomcomplet nominativo",
        "first_name": "firstname first givenname forename fname vorname prenom nombre nome imie",
        "last_name": "lastname last surname familyname lname nachname familienname nom apellido apellidos cognome "
                     "nazwisko",
        "email": "email mail emailaddress attendeeemail correo courriel emailadresse",
        "phone": "phone telephone tel mobile cell phonenumber mobilephone telefon telefono",
        "company": "company organisation organization org employer companyname firma firmenname empresa societe "
                   "entreprise",
        "job_title": "jobtitle title position role function stelle funktion cargo poste fonction",
        "website": "website url web homepage",
        "address": "address street address1 streetaddress adresse strasse direccion",
        "city": "city town ort stadt ciudad ville",
        "region": "region state province county bundesland",
        "postcode": "postcode zip zipcode postalcode plz",
        "country": "country land pais pays countrycode",
    }.items()
    for name in names.split()
}  # fmt: skip
"""Headers as people write them, without capitals, accents and punctuation; and the field that each means."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was not taken."""

    line: int
    sentence: str


@dataclass(slots=True)
class AttendeeFile:
    """An attendee list, read as far as it can be."""

    mapping: dict[str, str]
    """The file's headers to our fields, those that mean something to us."""
    encoding: str
    separator: str
    people: list[tuple[str, Contact]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_attendees(path: Path, chosen: Mapping[str, str] | None = None) -> AttendeeFile:
    """
    Read the attendee list at *path*; *chosen* maps headers to fields where the guess is not wanted.

    Raises:
        ValueError: it is no list that has a column with the id on the badge.
        OSError: it cannot be read.
    """
    text, encoding = decoded(path.read_bytes())
    separator = guess_separator(text)
    rows = numbered_rows(text, separator)
    _, header = next(rows, (0, []))
    if not any(cell.strip() for cell in header):
        raise ValueError(f"{path.name} is empty: it needs a line with headers, and a line for each person.")
    mapping = guess_mapping(header) | dict(chosen or {})
    for name in chosen or {}:
        if name not in header:
            raise ValueError(f"{path.name} has no column {name!r}; it has {', '.join(header)}.")
    found = AttendeeFile({name: to for name, to in mapping.items() if to}, encoding, separator)
    if BADGE_ID not in found.mapping.values():
        raise ValueError(
            f"{path.name}: no column looks like the id on the badge; name it with --map 'HEADER=badge_id'. "
            f"The file has: {', '.join(header)}."
        )
    places = {to: header.index(name) for name, to in found.mapping.items()}
    for line, cells in rows:
        take(found, line, cells, places, len(header))
    return found


def take(found: AttendeeFile, line: int, cells: list[str], places: Mapping[str, int], width: int) -> None:
    """Add one row to what was *found*, or say what is wrong with it."""
    if not any(cell.strip() for cell in cells):
        return
    if len(cells) != width:
        found.problems.append(Problem(line, f"it has {len(cells)} columns, the header has {width}"))
        return
    values = {to: clean(cells[place]) for to, place in places.items()}
    badge_id = values.pop(BADGE_ID)
    if not badge_id:
        found.problems.append(Problem(line, "it has no id"))
    elif not any(values.values()):
        found.problems.append(Problem(line, "it says nothing of the person"))
    else:
        found.people.append((badge_id, Contact(**values)))


def decoded(content: bytes) -> tuple[str, str]:
    """*content* as text, and its encoding: what it declares, UTF-8 where that fits, else the likeliest."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(content).best()
        encoding = best.encoding if best is not None else "cp1252"
        return content.decode(encoding, "replace"), encoding


def guess_separator(text: str) -> str:
    """The separator that the first line has most of, outside quotes."""
    header = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(SEPARATORS, key=header.count)


def numbered_rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of *text*, each with the number of its last line; what csv cannot read is a row of its own."""
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = ["?"]
        yield reader.line_num, cells


def guess_mapping(header: list[str]) -> dict[str, str]:
    """What each header means, each field at most once: the first column that fits has it."""
    mapping: dict[str, str] = {}
    for name in header:
        meaning = HEADERS.get(simple(name), "")
        if meaning and meaning not in mapping.values():
            mapping[name] = meaning
    return mapping


def simple(header: str) -> str:
    """*header* without capitals, accents and punctuation."""
    flat = unicodedata.normalize("NFKD", header.casefold())
    return "".join(character for character in flat if character.isalnum() and not unicodedata.combining(character))


def clean(cell: str) -> str:
    """*cell* on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())[:500]


def parse_choice(text: str) -> tuple[str, str]:
    """
    `HEADER=field` as given to `--map`; an empty field ignores the column.

    Raises:
        ValueError: there is no such field.
    """
    header, _, to = text.rpartition("=")
    if not header or to not in ("", BADGE_ID, *CONTACT_FIELDS):
        raise ValueError(f"{text!r}: write HEADER=FIELD, where FIELD is {BADGE_ID}, {', '.join(CONTACT_FIELDS)}.")
    return header, to
