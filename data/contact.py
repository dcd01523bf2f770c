"""The fields that say who a person is, as the CRM and the HTTP API call them."""

from dataclasses import dataclass, fields


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

    def filled_from(self, other: "Contact") -> "Contact":
        """This contact, with its empty fields taken from *other*."""
        return Contact(*(getattr(self, field) or getattr(other, field) for field in CONTACT_FIELDS))

    @property
    def display_name(self) -> str:
        """The name to greet the person by, or an empty string."""
        return self.name or " ".join(part for part in (self.first_name, self.last_name) if part)


CONTACT_FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Contact))
"""The names of a contact's fields, in the order in which tables and exports have them."""
