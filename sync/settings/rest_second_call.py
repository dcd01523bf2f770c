"""The `[crm.rest.then]` table: a second call for each lead, such as the deal that belongs to the person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from data.language import _
from sync.settings.rest_answer import SearchSettings
from sync.settings.rest_placeholders import FIRST_ID_PLACEHOLDER, check_endpoint, check_placeholders
from sync.template import find_placeholders


@dataclass(frozen=True, slots=True)
class SecondCallSettings:
    """The `[crm.rest.then]` table; `{first_id}` is the id of the record of the first call."""

    url: str = ""
    """Where the second record is sent; empty: no second call."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    body: Mapping[str, Any] = field(default_factory=dict)
    """The body for it, such as `{ title = "{name}", person = "{first_id}" }`."""
    update_url: str = ""
    """Where it is sent when the CRM already has it, with its `{remote_id}`; empty: it stays as created."""
    update_method: Literal["POST", "PUT", "PATCH"] = "PUT"
    update_body: Mapping[str, Any] = field(default_factory=dict)
    """The body for that, if it is not `body`."""
    id: str = "id"
    """The second record's id in the answer."""
    search: SearchSettings = field(default_factory=SearchSettings)
    """The search that finds it, so that it is never created twice."""

    @property
    def has_update_call(self) -> bool:
        """Whether a record that the CRM already has is updated."""
        return bool(self.update_url or self.update_body)

    def check(self, base: str) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work with the CRM at *base*."""
        if not self.url:
            return
        check_endpoint("then.url", self.url, base)
        check_endpoint("then.update_url", self.update_url, base)
        for key, template in (("then.url", self.url), ("then.body", self.body)):
            if "remote_id" in find_placeholders(template):
                sentence = _("{key}: the placeholder for the ID from the first call is {{first_id}} here.")
                raise ValueError(sentence.format(key=f"rest.{key}"))
            check_placeholders(key, template, FIRST_ID_PLACEHOLDER)
        check_placeholders("then.update", [self.update_url, self.update_body], FIRST_ID_PLACEHOLDER)
        if not self.body:
            raise ValueError(_('rest.then.body: say what is sent, such as { person = "{first_id}", title = "…" }.'))
        if not self.search.url and not (self.method == "PUT" and "lead_id" in find_placeholders(self.url)):
            raise ValueError(
                _(
                    "rest.then.search: say how the second record is found, such as by {first_id} or {lead_id}: "
                    "otherwise it is created twice when a response is lost."
                )
            )
        self.search.check("then.search", base, FIRST_ID_PLACEHOLDER)
