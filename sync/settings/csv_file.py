"""The `[crm.csv]` table of kiosk.toml: leads as files in a folder, for an import by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.language import _
from sync.settings.checks import check_known_fields, check_range
from sync.settings.quoting import quote_value
from sync.settings.rest_placeholders import CONTACT_API_FIELDS, OUR_FIELDS
from sync.settings.secret import Secret

_CSV_COLUMNS = {name: name for name in CONTACT_API_FIELDS if name != "revision"}
"""Our fields in the order of the columns; `lead_id` and `revision` always come first."""

_MAPPABLE_FIELDS = tuple(name for name in OUR_FIELDS if name != "revision")
"""The fields that can be mapped to a column."""


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """The `[crm.csv]` table: a file for each batch, in a folder on this device, a stick, or a shared drive."""

    folder: str = ""
    """Where the files go. It must exist: if it were created, a missing USB stick would go unnoticed."""
    other_disk: bool = False
    """Whether the folder must be on another disk than the kiosk's data: the mount point of a missing stick exists."""
    batch_size: int = 500
    """Leads per file, at most."""
    fields: Mapping[str, str] = field(default_factory=lambda: _CSV_COLUMNS)
    """Our field names to column names; fields that are not here are not written."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
        if not self.folder:
            raise ValueError(_("csv.folder: set the folder that the files are written to."))
        check_range("csv.batch_size", self.batch_size, 1, 5000)
        check_known_fields("csv.fields", self.fields, _MAPPABLE_FIELDS)
        columns = ("lead_id", "revision", *self.fields.values())
        if twice := [name for name in columns if not name or columns.count(name) > 1]:
            sentence = _("csv.fields: the column name {name} is empty or used twice.")
            raise ValueError(sentence.format(name=quote_value(twice[0])))

    @property
    def token(self) -> Secret:
        """There is no credential."""
        return Secret("csv.token", "", "")
