"""Finds the contacts that HubSpot already has under the e-mails of leads, and whether they are the same people."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.person_matching import names_differ
from sync.connectors.base import SharedRecord
from sync.connectors.hubspot.errors import classify_refusal
from sync.connectors.hubspot.inputs import BatchInput, normalize_key
from sync.crm_messages import clean_message, get_by_path
from sync.http_client import HttpClient
from sync.response_errors import is_record_id, parse_success


async def find_contacts_by_email(
    http: HttpClient, contacts_url: str, id_property: str, items: Sequence[BatchInput]
) -> Mapping[str, Any]:
    """
    Find the contacts that have the e-mails of *items*, in one call for up to a hundred; return them by e-mail.

    Raises:
        SyncError: HubSpot could not be reached.
    """
    # Several leads may share an e-mail, which is looked up once.
    emails = list(dict.fromkeys(item.email for item in items if item.email))
    if not emails:
        return {}
    properties = list(dict.fromkeys(["email", "firstname", "lastname", id_property]))
    body = {"idProperty": "email", "properties": properties, "inputs": [{"id": email} for email in emails]}
    response = await http.send("POST", f"{contacts_url}/batch/read", body)
    if response.status == 404:  # none of them exists
        return {}
    if not 200 <= response.status < 300:
        raise classify_refusal(response)
    results = get_by_path(parse_success(response), "results")
    found = (
        [contact for contact in results if is_record_id(get_by_path(contact, "id"))]
        if isinstance(results, list)
        else []
    )
    by_email = {normalize_key(str(get_by_path(contact, "properties.email") or "")): contact for contact in found}
    unmatched = [contact for email, contact in by_email.items() if email not in emails]
    missing = [email for email in emails if email not in by_email]
    # HubSpot also finds a contact by a secondary address, and returns only the primary one.
    if len(unmatched) == len(missing) == 1:
        by_email[missing[0]] = unmatched[0]
    return {email: by_email[email] for email in emails if email in by_email}


def detect_shared_record(item: BatchInput, contact: Any) -> SharedRecord | None:
    """
    Return *contact*, which has the e-mail of *item*, as a shared record; None if it is the same person.

    If it is somebody else's, writing the lead to it would replace that person's name and notes.
    """
    remote_id = str(get_by_path(contact, "id"))
    names = (clean_message(get_by_path(contact, f"properties.{name}")) for name in ("firstname", "lastname"))
    owner = " ".join(filter(None, names))
    if item.lead.accepted_record_id == remote_id or not owner:
        return None
    ours = str(item.lead.fields.get("name") or "")
    return SharedRecord(remote_id, owner) if ours and names_differ(owner, ours) else None
