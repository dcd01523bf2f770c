"""What the keys of a JSON badge mean, however they are spelt."""

import re

from data.contact import CONTACT_FIELDS

ALSO = {
    "name": ("fullname", "displayname", "attendeename"),
    "first_name": ("first", "firstname", "fname", "givenname", "given", "forename", "vorname", "prenom"),
    "last_name": ("last", "lastname", "lname", "familyname", "family", "surname", "nachname"),
    "email": ("mail", "emailaddress", "attendeeemail"),
    "phone": ("tel", "telephone", "mobile", "cell", "phonenumber"),
    "company": ("organization", "organisation", "org", "affiliation", "employer", "companyname", "firma"),
    "job_title": ("jobtitle", "position", "role", "jobrole"),
    "website": ("url", "web", "homepage", "linkedin"),
    "address": ("street", "address1", "streetaddress"),
    "city": ("town", "locality"),
    "region": ("state", "province"),
    "postcode": ("zip", "zipcode", "postalcode"),
    "country": ("countrycode", "countryname"),
}

KEYS = {folded: field for field in CONTACT_FIELDS for folded in (field.replace("_", ""), *ALSO[field])}
"""Folded key -> field of a contact."""

PLAIN_IDS = ("badge", "id", "uuid", "code")
"""Folded keys that hold an id, or the kind of badge: `{"badge": "visitor"}`."""

IDS = ("lead", "registrantid", "badgeid", "attendeeid", "registrationid", "participantid", *PLAIN_IDS)
"""Folded keys that hold the badge's id, best first."""

SECRETS = ("ticket", "checkinsecret", "ticketsecret", "entrysecret", "secret", "password", "signature")
"""Folded keys whose value opens a door; the value of the first one that is there stands for a missing id."""

TECHNICAL = frozenset(
    {"eventid", "event", "serverurl", "version", "v", "type", "t"}
    | {"ts", "timestamp", "iat", "exp", "nbf", "issuedat", "expiresat", "nonce"}  # of codes that change by the minute
)
"""Folded keys that say nothing about the visitor."""

UNFOLDED = re.compile(r"[\W_]+")


def folded(key: str) -> str:
    """*key* in lower case, without what stands between words: `first_name`, `firstName` and `First name` are one."""
    return UNFOLDED.sub("", key[:100]).lower()
