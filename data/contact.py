"""The fields that say who a person is, as the CRM and the HTTP API call them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from data.names import NAME_FIELDS, Name, fill_name, update_name


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of one person; an empty string is "not known"."""

    name: str = ""
    """The whole name, as the person writes it."""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    job_title: str = ""
    website: str = ""
    address: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""

    def fill_missing_from(self, other: "Contact") -> "Contact":
        """This contact, with its empty fields taken from *other*; of a name only what says the same."""
        filled = Contact(*(getattr(self, field) or getattr(other, field) for field in CONTACT_FIELDS))
        if filled.name_parts in (self.name_parts, other.name_parts):
            return filled
        return replace(filled, **dict(zip(NAME_FIELDS, fill_name(self.name_parts, other.name_parts), strict=True)))

    def apply_changes(self, changes: Mapping[str, Any]) -> "Contact":
        """This contact with the fields of it that *changes* names; the other parts of a name follow an edited one."""
        named = {field: changes[field] for field in CONTACT_FIELDS if field in changes}
        name = update_name(self.name_parts, {field: named[field] for field in NAME_FIELDS if field in named})
        return replace(self, **{**named, **dict(zip(NAME_FIELDS, name, strict=True))})

    @property
    def name_parts(self) -> Name:
        """The name, whole and in its parts."""
        return self.name, self.first_name, self.last_name

    @property
    def display_name(self) -> str:
        """The name to greet the person by, or an empty string."""
        return self.name or " ".join(part for part in (self.first_name, self.last_name) if part)


CONTACT_FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Contact))
"""The names of a contact's fields, in the order in which tables and exports have them."""
