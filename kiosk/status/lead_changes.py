"""What commands and screens say of leads that a person sent again, discarded or restored."""

from typing import Literal, TypeAlias

from data.language import _, format_number, ngettext
from data.outbox import DELIVERED, DISCARDED
from data.pending import PendingEntry

LeadChange: TypeAlias = Literal["retry", "discard", "restore"]


def describe_change(change: LeadChange, count: int) -> str:
    """Say how many leads were changed."""
    if change == "retry":
        text = ngettext("{count} lead will be sent again.", "{count} leads will be sent again.", count)
    elif change == "discard":
        text = ngettext("{count} lead discarded.", "{count} leads discarded.", count)
    else:
        text = ngettext("{count} lead restored.", "{count} leads restored.", count)
    return text.format(count=format_number(count))


def describe_incomplete_restored(restored: int, incomplete: int) -> str:
    """Say how many of the *restored* leads still need details; empty if none does."""
    if not incomplete:
        return ""
    if restored == 1:
        return _("It still needs a name or e-mail before it is sent.")
    return ngettext(
        "{count} of them still needs a name or e-mail before it is sent.",
        "{count} of them still need a name or e-mail before they are sent.",
        incomplete,
    ).format(count=format_number(incomplete))


def explain_unchanged(change: LeadChange, entry: PendingEntry, restore_advice: str) -> str:
    """Say why a lead was not changed; *restore_advice* says how to restore one that is discarded."""
    if change == "discard":
        text = _("{name} was already discarded.")
    elif change == "restore":
        text = _("{name} was not discarded.")
    elif entry.state == DELIVERED:
        text = _("Not sent: {name} is already in the CRM.")
    elif entry.state == DISCARDED:
        text = _("Not sent: {name} is discarded; {advice}")
    else:
        text = _("Not sent: {name} has no name or e-mail yet.")
    return text.format(name=entry.label, advice=restore_advice)
