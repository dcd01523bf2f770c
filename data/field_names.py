"""The words that people read for the fields of a lead."""

from data.language import N_, _

_FIELD_NAMES = {
    "name": N_("name"),
    "first_name": N_("first name"),
    "last_name": N_("last name"),
    "email": N_("e-mail"),
    "phone": N_("phone"),
    "company": N_("company"),
    "job_title": N_("job title"),
    "website": N_("website"),
    "address": N_("address"),
    "city": N_("city"),
    "region": N_("region"),
    "postcode": N_("postcode"),
    "country": N_("country"),
    "badge_id": N_("badge ID"),
    "rating": N_("rating"),
    "tags": N_("tags"),
    "note": N_("note"),
    "answers": N_("answers"),
}


def translate_field_name(field: str) -> str:
    """Return the words for *field*; a field without words of its own, such as a placeholder, reads as it is written."""
    return _(_FIELD_NAMES.get(field, field.replace("_", " ")))
