"""The `[crm.rest.then]` table: a second call for each lead, such as the deal that belongs to the person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sync.settings.rest_answer import SearchSettings
from sync.settings.rest_placeholders import FIRST_ID_PLACEHOLDER, check_endpoint, check_placeholders
from sync.template import find_placeholders


@dataclass(frozen=True, slots=True)
class SecondCallSettings:
    """The `[crm.rest.then]` table; `{first_id}` is the id of what the first call made."""

    url: str = ""
    """Where the second record is sent; empty: there is no second call."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    body: Mapping[str, Any] = field(default_factory=dict)
    """What is sent for it, such as `{ title = "{name}", person = "{first_id}" }`."""
    update_url: str = ""
    """Where it is sent when the CRM has it already, with its `{remote_id}`; empty: it stays as it was made."""
    update_method: Literal["POST", "PUT", "PATCH"] = "PUT"
    update_body: Mapping[str, Any] = field(default_factory=dict)
    """What is sent then, where that is not `body`."""
    id: str = "id"
    """The second record's id, in the answer to it."""
    search: SearchSettings = field(default_factory=SearchSettings)
    """What finds it, so that it is never made twice."""

    @property
    def has_update_call(self) -> bool:
        """Whether a record that the CRM has already is sent again."""
        return bool(self.update_url or self.update_body)

    def check(self, base: str) -> None:
        """Raise ValueError, with the key in front, for what cannot work with the CRM at *base*."""
        if not self.url:
            return
        check_endpoint("then.url", self.url, base)
        check_endpoint("then.update_url", self.update_url, base)
        for key, template in (("then.url", self.url), ("then.body", self.body)):
            if "remote_id" in find_placeholders(template):
                raise ValueError(f"rest.{key}: the first call's id is {{first_id}} here.")
            check_placeholders(key, template, FIRST_ID_PLACEHOLDER)
        check_placeholders("then.update", [self.update_url, self.update_body], FIRST_ID_PLACEHOLDER)
        if not self.body:
            raise ValueError('rest.then.body: say what is sent, such as { person = "{first_id}", title = "{name}" }.')
        if not self.search.url and not (self.method == "PUT" and "lead_id" in find_placeholders(self.url)):
            raise ValueError(
                "rest.then.search: say how the second record is found, such as by {first_id} or {lead_id}; "
                "without it, a lost answer makes two."
            )
        self.search.check("then.search", base, FIRST_ID_PLACEHOLDER)
