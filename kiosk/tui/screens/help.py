"""The help: what the keys do, and what the words mean."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from data.language import N_, _
from kiosk.status.wording import sanitize_text
from kiosk.tui.booth_app import BoothModal

# At most 22 lines of 66 characters, so that it fits a terminal of 80 x 24.
_HELP_TEXT = N_("""\
SCANNING never stops: by camera or USB scanner, on every screen.
1 to 5     rate the last lead; the same number removes the rating
{tags}
n          add a note; Enter, a pause or the next badge saves it
Esc        clear the card           F3   change who is scanning
F2         the pending list         F5   sync now
F1         this help                F10  close the kiosk

WHERE A LEAD IS
waiting    on this device; it goes to the CRM automatically
needs you  you have to look: open it in the pending list
delivered  the CRM has confirmed that it has it
discarded  somebody decided not to send it; it can be restored

THE PENDING LIST
o, Enter   open and edit: Ctrl+S saves, Esc goes back
Space      mark several: r, d, u and 1 to 5 then apply to those
r          retry                    R    retry all that are shown
d          discard, with a reason   u    undo that, or restore
f          show another state       c    group by cause
/ search all   e export   s sync now   p pause, resume   Esc back
"Saved" means safe on this device; no network is needed.
""")


class HelpScreen(BoothModal[None]):
    """One page of help over the current screen."""

    CSS_PATH = "help.tcss"
    BINDINGS = [Binding("escape,f1,enter,q", "dismiss", N_("Close"))]

    def __init__(self, tags: Mapping[str, str]) -> None:
        """Prepare the page; *tags* maps the letters of this event to its tags."""
        super().__init__()
        self.tags = tags

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        letters, names = " ".join(self.tags), ", ".join(sanitize_text(tag) for tag in self.tags.values())
        tags = f"{letters:10} " + _("add or remove a tag: {tags}").format(tags=names)
        with VerticalScroll(id="page"):
            yield Static(_(_HELP_TEXT).format(tags=tags).rstrip(), markup=False)
