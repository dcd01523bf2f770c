"""What the keys do, and what the words mean."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from kiosk.status.wording import sanitize_text

_HELP_TEXT = """\
SCANNING never stops: by camera or USB scanner, on any screen.
1 to 5     rate the last lead; the same number again takes it back
{tags}
n          note; saved by Enter, by the next badge and by a pause
Esc        clear the card           F3   who scans
F2         the pending list         F5   sync now
F1         this help                F10  end the kiosk: it asks first

WHERE A LEAD IS
waiting    on this device; goes to the CRM by itself
needs you  a person must look: open it in the pending list
delivered  the CRM has it, and has said so
discarded  a person decided against it; it can be restored

THE PENDING LIST
o, Enter   open and edit: Ctrl+S saves, Esc asks before it drops
Space      mark several: r, d, u and 1 to 5 are for those then
r          retry                    R    send all that is shown
d          discard, with a reason   u    undo that, or restore
f          what is shown            c    by cause; Enter opens one
/ search all   e export   s sync now   p pause, resume   Esc back
"Saved" means: on this device's disk. That takes no network.
"""


class HelpScreen(ModalScreen[None]):
    """One page, over the screen that it explains."""

    CSS_PATH = "help.tcss"
    BINDINGS = [Binding("escape,f1,enter,q", "dismiss", "Close")]

    def __init__(self, tags: Mapping[str, str]) -> None:
        super().__init__()
        self.tags = tags

    def compose(self) -> ComposeResult:
        """The page."""
        letters, words = " ".join(self.tags), ", ".join(sanitize_text(tag) for tag in self.tags.values())
        tags = f"{letters:10} tag it, or take the tag off: {words}"
        with VerticalScroll(id="page"):
            yield Static(_HELP_TEXT.format(tags=tags).rstrip(), markup=False)
