"""The contacts that HubSpot has already under the e-mails of leads, and whether they are the same people."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.same import names_differ
from sync.answers import at, is_id, message, understood
from sync.connectors.base import Shared
from sync.connectors.hubspot.inputs import Input, normal
from sync.connectors.hubspot.refusals import refused
from sync.http import Http


async def contacts_with_emails(
    http: Http, contacts_url: str, id_property: str, items: Sequence[Input]
) -> Mapping[str, Any]:
    """
    The contacts that have the e-mails of *items*, by e-mail: one call for up to a hundred.

    Raises:
        SyncError: HubSpot could not be asked.
    """
    emails = list(dict.fromkeys(item.email for item in items if item.email))
    if not emails:
        return {}
    properties = list(dict.fromkeys(["email", "firstname", "lastname", id_property]))
    body = {"idProperty": "email", "properties": properties, "inputs": [{"id": email} for email in emails]}
    answer = await http.send("POST", f"{contacts_url}/batch/read", body)
    if answer.status == 404:  # not one of them is there
        return {}
    if not 200 <= answer.status < 300:
        raise refused(answer)
    results = at(understood(answer), "results")
    found = [contact for contact in results if is_id(at(contact, "id"))] if isinstance(results, list) else []
    by_email = {normal(str(at(contact, "properties.email") or "")): contact for contact in found}
    left = [contact for email, contact in by_email.items() if email not in emails]
    missing = [email for email in emails if email not in by_email]
    if len(left) == len(missing) == 1:  # it is that contact's second address
        by_email[missing[0]] = left[0]
    return {email: by_email[email] for email in emails if email in by_email}


def shared_with(item: Input, contact: Any) -> Shared | None:
    """
    Whether *contact*, which has the e-mail of *item*, is somebody else's; None where it is the same person.

    Writing the lead to it would put one person's name and notes over another's.
    """
    remote_id = str(at(contact, "id"))
    names = (message(at(contact, f"properties.{name}")) for name in ("firstname", "lastname"))
    who = " ".join(filter(None, names))
    if item.lead.accepted_id == remote_id or not who:
        return None
    ours = str(item.lead.fields.get("name") or "")
    return Shared(remote_id, who) if ours and names_differ(who, ours) else None
