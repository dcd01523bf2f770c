"""The contact fields that say who a person is, named as in the HTTP API."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from data.names import NAME_FIELDS, Name, fill_name, update_name


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known about one person; an empty string means "not known"."""

    name: str = ""
    """The full name, as the person writes it."""
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
        """
        Return this contact with its empty fields taken from *other*; of a name, only parts that agree with this one.
        """
        filled = Contact(*(getattr(self, field) or getattr(other, field) for field in CONTACT_FIELDS))
        if filled.name_parts in (self.name_parts, other.name_parts):
            return filled
        return replace(filled, **dict(zip(NAME_FIELDS, fill_name(self.name_parts, other.name_parts), strict=True)))

    def apply_changes(self, changes: Mapping[str, Any]) -> "Contact":
        """
        Return this contact with the contact fields in *changes*.

        If one part of the name is edited, the others are made to agree with it.
        """
        changed = {field: changes[field] for field in CONTACT_FIELDS if field in changes}
        name = update_name(self.name_parts, {field: changed[field] for field in NAME_FIELDS if field in changed})
        return replace(self, **{**changed, **dict(zip(NAME_FIELDS, name, strict=True))})

    @property
    def name_parts(self) -> Name:
        """The full, first and last name."""
        return self.name, self.first_name, self.last_name

    @property
    def display_name(self) -> str:
        """The name to greet the person by; may be empty."""
        return self.name or " ".join(part for part in (self.first_name, self.last_name) if part)


CONTACT_FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Contact))
"""The names of the contact fields, in the order of tables and exports."""
