"""The result of showing one badge, in the words that staff read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from data.arrival import SavedLead
from data.language import _, format_number, ngettext
from data.lead import Lead
from kiosk.status.badge_text import describe_unread_count

ResultKind: TypeAlias = Literal["refused", "test", "needs details", "again", "saved", "not saved"]  # not shown: code

# The most important kind comes last; if one image has several codes, its result is the one to show.
KINDS_BY_PRIORITY: tuple[ResultKind, ...] = get_args(ResultKind)

NOT_SAVED: ResultKind = "not saved"  # not shown: code
_NEEDS_DETAILS: ResultKind = "needs details"  # not shown: code


# How the screen shows a result; `look` means that somebody should look at it.
Mood: TypeAlias = Literal["calm", "good", "look", "bad"]

_MOOD_BY_KIND: dict[ResultKind, Mood] = {
    NOT_SAVED: "bad",
    "saved": "good",
    "again": "good",
    _NEEDS_DETAILS: "look",
    "test": "calm",
    "refused": "look",
}


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What happened to one badge. A result only says `saved` once the lead is on the disk."""

    kind: ResultKind
    headline: str
    """The big word on the screen: `Saved`, `Already saved` ..."""
    sentence: str
    """One more sentence for staff."""
    lead: Lead | None = None
    notice: str = ""
    """A warning that the card shows besides the person; empty if there is none."""
    unread: tuple[str, ...] = ()
    """The parts of the badge that were not understood, or all its lines."""

    @property
    def is_saved(self) -> bool:
        """Whether a lead is on the disk for this badge."""
        return self.lead is not None

    @property
    def mood(self) -> Mood:
        """How the screen shows the result."""
        return "look" if self.unread else _MOOD_BY_KIND[self.kind]


def build_unsaved_result(*sentences: str) -> ScanResult:
    """Return the result for a badge that could not be saved."""
    return ScanResult(NOT_SAVED, _("NOT SAVED"), " ".join(sentences))


def build_held_result(reason: str) -> ScanResult:
    """Return the result for a badge that could not be saved now and is tried again."""
    return build_unsaved_result(reason, _("The badge is held in memory and will be saved as soon as possible."))


def build_refused_result(reason: str) -> ScanResult:
    """Return the result for a code that must not become a lead, such as a WiFi password."""
    return ScanResult("refused", _("Not a badge"), reason)


def build_test_result() -> ScanResult:
    """Return the result for the test badge, which makes no lead."""
    return ScanResult("test", _("Test badge"), _("The test badge was read: the camera and the decoder work."))


def describe_saved(
    saved: SavedLead, unread: tuple[str, ...] = (), *, has_attendee_list: bool = False, is_on_screen: bool = True
) -> ScanResult:
    """
    Return the result for a saved scan; *unread* are the parts of its badge that were not understood.

    *is_on_screen* says whether the kiosk's screen shows the result, and its keys work; if not, a command prints it.
    """
    lead, notice = saved.lead, _describe_shared_identity(saved)
    who = ", ".join(part for part in (lead.label, lead.contact.company) if part)
    if lead.needs_details:
        sentence = " ".join(
            filter(None, (_describe_missing_details(who, lead, has_attendee_list, is_on_screen), notice))
        )
        headline = _("Saved") if saved.is_new else _("Already saved")
        return ScanResult(_NEEDS_DETAILS, headline, sentence, lead, unread=unread)
    sentences = [*filter(None, (notice, describe_unread_count(unread)))]
    if saved.is_restored:
        sentences.insert(0, _("{who} had been discarded and is restored.").format(who=who))
    elif sentences:
        sentences.insert(0, f"{who}.")
    sentence = " ".join(sentences) or who
    if notice or saved.is_new:
        return ScanResult("saved", _("Saved"), sentence, lead, notice, unread)
    if saved.is_restored:
        return ScanResult("saved", _("Saved again"), sentence, lead, notice, unread)
    return ScanResult("again", _("Already saved"), sentence, lead, notice, unread)


def _describe_missing_details(who: str, lead: Lead, has_attendee_list: bool, is_on_screen: bool) -> str:
    """Say what a person can do about a lead without a name or an e-mail; *who* is what its badge says."""
    if not lead.badge_id:
        problem = _("{who}: this badge was not understood.")
    elif has_attendee_list:
        problem = _("{who}: not on the attendee list.")
    else:
        problem = _("{who}: only an ID on this badge.")
    if lead.badge_id and not has_attendee_list:
        screen_advice = _("Press F2 to add a name, or import the attendee list.")
        command_advice = _(
            "Open the kiosk's pending list (F2) to add a name, or import the attendee list with "
            "`kiosk import attendees`."
        )
    else:
        screen_advice, command_advice = (
            _("Press F2 to add a name."),
            _("Open the kiosk's pending list (F2) to add a name."),
        )
    return f"{problem.format(who=who)} {screen_advice if is_on_screen else command_advice}"


def _describe_shared_identity(saved: SavedLead) -> str:
    """Say from whom a new lead was kept apart although they share an identity; empty if there is nobody."""
    if saved.kept_apart_from is None:
        return ""
    kind, value = saved.shared_identity.partition(":")[::2]
    other = _("an unknown badge") if saved.kept_apart_from.needs_details else saved.kept_apart_from.label
    if kind == "email":
        text = _("The e-mail {value} is shared: {name} has it too, so these are two leads.")
    elif kind == "badge":
        text = _("The ID {value} is shared: {name} has it too, so these are two leads.")
    else:
        text = _("The badge is shared: {name} has it too, so these are two leads.")
    return text.format(value=value, name=other)


def describe_unsaved(count: int, held_file: Path | None) -> str:
    """Say where *count* badges are that could not be saved before the kiosk closed."""
    if held_file is None:
        return ngettext(
            "{count} badge was lost. Scan the last badge again.",
            "{count} badges were lost. Scan the last {count} badges again.",
            count,
        ).format(count=format_number(count))
    return ngettext(
        "{count} badge is kept in {file}. The next start of the kiosk saves it.",
        "{count} badges are kept in {file}. The next start of the kiosk saves them.",
        count,
    ).format(count=format_number(count), file=held_file)
