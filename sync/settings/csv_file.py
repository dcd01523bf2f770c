"""The `[crm.csv]` table of kiosk.toml: leads as files in a folder, for an import by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.settings.quoting import quote_value
from sync.settings.rest_placeholders import CONTACT_API_FIELDS, OUR_FIELDS
from sync.settings.secret import Secret

_CSV_COLUMNS = {name: name for name in CONTACT_API_FIELDS if name != "revision"}
"""Our fields in the order of the columns; `lead_id` and `revision` always come before them."""

_MAPPABLE_FIELDS = tuple(name for name in OUR_FIELDS if name != "revision")
"""All that can be mapped."""


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """The `[crm.csv]` table: a file for each batch, in a folder on this device, a stick, or a shared drive."""

    folder: str = ""
    """Where the files go. It must be there: it is not made, or a missing stick would go unnoticed."""
    other_disk: bool = False
    """Whether the folder must be on another disk than the kiosk's data: where a stick is missing, its place is not."""
    batch_size: int = 500
    """How many leads one file may hold."""
    fields: Mapping[str, str] = field(default_factory=lambda: _CSV_COLUMNS)
    """Our field's name to the column's; what is not here is not written."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        if not self.folder:
            raise ValueError("csv.folder: say where the files go.")
        if not 1 <= self.batch_size <= 5000:
            raise ValueError("csv.batch_size: it must be from 1 to 5000.")
        if unknown := [name for name in self.fields if name not in _MAPPABLE_FIELDS]:
            raise ValueError(f"csv.fields: there is no field {unknown[0]!r}; we have {', '.join(_MAPPABLE_FIELDS)}.")
        columns = ("lead_id", "revision", *self.fields.values())
        if twice := [name for name in columns if not name or columns.count(name) > 1]:
            raise ValueError(f"csv.fields: the column {quote_value(twice[0])} has no name, or there are two of it.")

    @property
    def token(self) -> Secret:
        """There is none."""
        return Secret("csv.token", "", "")
