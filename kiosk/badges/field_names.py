"""The meaning of keys in JSON badges and links, and of the labels of printed lines, in all their spellings."""

import re
import unicodedata
from functools import lru_cache

from data.contact import CONTACT_FIELDS

_BETWEEN_WORDS = re.compile(r"[\W_]+")

# How much of a key is compared.
_MAX_KEY_CHARACTERS = 100

_DIGIT = re.compile(r"\d")


def fold_key(key: str) -> str:
    """Return *key* in lower case without accents and separators, so that `first_name` and `First Name` are equal."""
    return _fold_cached(key[:_MAX_KEY_CHARACTERS])


@lru_cache(maxsize=2048)
def _fold_cached(key: str) -> str:
    """Fold a key that is short enough to be cached."""
    plain = unicodedata.normalize("NFKD", key.casefold())
    return _BETWEEN_WORDS.sub("", "".join(letter for letter in plain if not unicodedata.combining(letter)))


# Spellings of each contact field besides its own name, as `fold_key` returns them.
_SPELLINGS = {
    "name": """fn fullname displayname attendeename contactname personname visitorname nombrecompleto nomcomplet
        nomecompleto nomecognome vollstandigername namen naam nome namn navn nimi imieinazwisko jmeno nev adsoyad фио
        имяифамилия ονοματεπωνυμο 姓名 氏名 名前 お名前 성명 이름 الاسم שם""",
    "first_name": """first firstname fname givenname given givennames forename vorname prenom nombre nombres voornaam
        primeironome fornamn fornavn etunimi imie krestnijmeno keresztnev adi ονομα 名 имя""",
    "last_name": """ln last lastname lname familyname family surname nachname familienname zuname nom nomdefamille
        apellido apellidos cognome achternaam apelido sobrenome efternamn etternavn efternavn sukunimi nazwisko
        prijmeni vezeteknev soyad soyadi фамилия επωνυμο επιθετο 姓""",
    "email": """mail emailaddress emailaddr attendeeemail emailadresse emailadres mailadresse epost epostadress
        epostadresse courriel adresseemail adressemail correo correoelectronico sahkoposti adresemail eposta почта
        электроннаяпочта メール メールアドレス 邮箱 电子邮件 이메일 البريد""",
    "phone": """tel telephone mobile mobil cell cellphone cellular phonenumber mobilephone mobilenumber mob ph telefon
        telefonnummer telnr handy handynummer telefono movil telefone telemovel portable telephoneportable cellulare
        telefoon mobiel telefoonnummer telefonnumre puhelin telefonszam телефон τηλεφωνο 電話 電話番号 电话 手机
        전화""",
    "company": """organization organisation org orga affiliation employer companyname organizationname firma
        firmenname unternehmen empresa entreprise societe azienda ditta bedrijf organisatie foretag bedrift virksomhed
        yritys firm firmy spolecnost ceg sirket kurum компания организация εταιρεια 会社 会社名 公司 单位 회사
        الشركة""",
    "job_title": """jobtitle position title role jobrole job jobfunction designation titel stelle funktion posten
        cargo puesto poste fonction ruolo qualifica posizione functie stilling stanowisko pozice beosztas unvan
        должность θεση 役職 职位 职务 직책 직위""",
    "website": "url web homepage site websiteurl linkedin linkedinurl linkedinprofile webseite sitioweb siteweb sito",
    "address": "street address1 streetaddress addressline1 adresse anschrift strasse direccion indirizzo adres adress",
    "city": "town locality ort stadt ciudad ville citta stad plaats miasto cidade",
    "region": "state province bundesland",
    "postcode": "zip zipcode postalcode plz codepostal codigopostal",
    "country": "countrycode countryname land pais pays paese",
}

FIELD_BY_KEY = {
    fold_key(key): field for field in CONTACT_FIELDS for key in (field.replace("_", ""), *_SPELLINGS[field].split())
}
"""Folded key -> contact field."""

# Folded keys that hold an ID, or only the kind of badge: `{"badge": "visitor"}`.
_GENERIC_ID_KEYS = ("badge", "id", "uuid", "code")

ID_KEYS = ("lead", "registrantid", "badgeid", "attendeeid", "registrationid", "participantid", *_GENERIC_ID_KEYS)
"""Folded keys that hold the badge's ID, best first."""

SECRET_KEYS = ("ticket", "checkinsecret", "ticketsecret", "entrysecret", "secret", "password", "signature")
"""Folded keys whose value is an entry secret; the first one present stands in for a missing ID."""

TECHNICAL_KEYS = frozenset(
    {"eventid", "event", "serverurl", "version", "v", "type", "t"}
    | {"ts", "timestamp", "iat", "exp", "nbf", "issuedat", "expiresat", "nonce"}  # of codes that change by the minute
)
"""Folded keys that say nothing about the visitor."""


def is_person_id(key: str, value: str) -> bool:
    """
    Return whether *value* under the folded *key* identifies one person; under a generic key it needs a digit.
    """
    return bool(value) and (key not in _GENERIC_ID_KEYS or bool(_DIGIT.search(value)))
