"""What the columns of a list mean, guessed from the header as people write it."""

import unicodedata
from collections.abc import Mapping, Sequence

BADGE_ID = "badge_id"
"""What a column is called that holds the id on the badge."""


def simple(header: str) -> str:
    """*header* without capitals, accents, punctuation, and what stands in brackets."""
    flat = unicodedata.normalize("NFKD", header.partition("(")[0].casefold())
    return "".join(character for character in flat if character.isalnum())


PEOPLE: Mapping[str, tuple[str, ...]] = {
    field: tuple(map(simple, names.split()))
    for field, names in {
        BADGE_ID: "badgeid badgenumber badgeno badgecode badge barcode qrcode qr ticketcode ticketsecret secret "
                  "attendeeid registrantid registrationid regid participantid leadid ticketid ticketnumber "
                  "ticketreference ticket orderpositionid ausweisnummer teilnehmernummer ticketnummer code uuid id",
        "name": "fullname name displayname attendee participant contact vollstandigername nombrecompleto nomcomplet "
                "nominativo 氏名 姓名 名前",
        "first_name": "firstname givenname first given forename fname vorname prenom nombre nome imie 名",
        "last_name": "lastname surname familyname last family lname nachname familienname nom apellido apellidos "
                     "cognome nazwisko 姓",
        "email": "email emailaddress mail workemail correo correoelectronico courriel emailadresse メール "
                 "メールアドレス 邮箱",
        "phone": "phone phonenumber mobilephone mobile cell cellphone telephone tel workphone telefon telefono "
                 "telefonnummer 電話番号 电话",
        "company": "company companyname organisation organization organisationname organizationname org employer "
                   "firma firmenname unternehmen empresa societe entreprise azienda 会社 会社名 公司",
        "job_title": "jobtitle position jobrole role function title stelle funktion cargo poste fonction 役職 职位",
        "website": "website url web homepage",
        "address": "address streetaddress address1 addressline1 street adresse strasse direccion indirizzo 住所",
        "city": "city town ort stadt ciudad ville citta 市",
        "region": "region state province county stateprovince bundesland",
        "postcode": "postcode postalcode zipcode zip plz cp codigopostal codepostal 郵便番号",
        "country": "country countrycode land pais pays paese 国",
    }.items()
}  # fmt: skip
"""Each field, and its headers without capitals, accents and punctuation, those that say it best first."""

LEADS: Mapping[str, tuple[str, ...]] = {
    "lead_id": ("leadid",),
    **PEOPLE,
    BADGE_ID: tuple(name for name in PEOPLE[BADGE_ID] if name != "leadid"),
    **{
        field: tuple(map(simple, names.split()))
        for field, names in {
            "event": "event eventname conference messe evento",
            "state": "state",
            "reason": "reason",
            "rating": "rating score stars leadrating bewertung",
            "tags": "tags tag labels interests schlagworte",
            "note": "note notes comment comments remark remarks notiz notizen kommentar bemerkung notas commentaire",
            "answers": "answers qualifiers customquestions",
            "scanned_at": "scannedat scantime scandate scanned timestamp datetime capturedat capturetime createdat "
                          "created date time datum zeitpunkt fecha",
            "operator": "operator scannedby capturedby salesperson staff user rep mitarbeiter",
            "payload": "payload rawdata raw qrdata scandata barcodedata",
            "badge_text": "badgetext",
        }.items()
    },
}  # fmt: skip
"""The same for a list of leads: those of a person, and what was said at the booth."""

WHO = frozenset({"lead_id", "payload", *PEOPLE})
"""What says who a lead is: a list needs one of them."""

WHOSE = ("attendee", "participant", "registrant", "delegate", "visitor", "badge", "ticketholder", "ticket", "contact",
         "your", "teilnehmer")  # fmt: skip
"""What stands before a field's own name: "Attendee first name", "Ticket email"."""


def guess_mapping(header: Sequence[str], known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """What each header means of what is *known*; a field has the one column that says it best, the first of equals."""
    mapping: dict[str, str] = {}
    for field, names in known.items():
        fitting = [(rank(name, names), at, name) for at, name in enumerate(header)]
        best, _, name = min(fitting, default=(len(names), 0, ""))
        if best < len(names):
            mapping.setdefault(name, field)
    return {name: mapping[name] for name in header if name in mapping}


def rank(header: str, names: Sequence[str]) -> float:
    """How well *header* says what *names* do: 0 is best, their number is "not at all"."""
    plain = simple(header)
    if plain in names:
        return names.index(plain)
    shorter = {plain.removeprefix(whose) for whose in WHOSE if plain.startswith(whose)} & set(names) - {"id", "code"}
    return min((names.index(name) + 0.5 for name in shorter), default=len(names))


def parse_choice(text: str, known: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """
    `HEADER=field` as given to `--map`; an empty field ignores the column.

    Raises:
        ValueError: there is no such field.
    """
    header, _, to = text.rpartition("=")
    if not header or (to and to not in known):
        raise ValueError(f"{text!r}: write HEADER=FIELD, where FIELD is {', '.join(known)}.")
    return header, to


def chosen(header: Sequence[str], choices: Sequence[str], known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """
    What each header means: as *choices* (`HEADER=field`) say, and guessed for the others; empty is "nothing".

    Raises:
        ValueError: one of them names no column or no field, or two name one field.
    """
    wanted = dict(parse_choice(text, known) for text in choices)
    for name, to in wanted.items():
        if name not in header:
            raise ValueError(f"there is no column {name!r}; there is {', '.join(map(repr, header))}.")
        if to and list(wanted.values()).count(to) > 1:
            raise ValueError(f"only one column can be {to}.")
    guess = {name: to for name, to in guess_mapping(header, known).items() if to not in wanted.values()}
    return {name: wanted.get(name, guess.get(name, "")) for name in header}
