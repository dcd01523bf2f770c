"""What the keys do, and what the words mean."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

HELP = """\
SCANNING never stops: show a badge at any time, on any screen.

1 2 3 4 5   rate the last lead; the same number again takes it back
{tags}
n           note on the last lead; Enter or the next badge keeps it
Esc         clear the card
F2          the pending list          F3   who scans
F5          sync now                  F10  end the kiosk

WHERE A LEAD IS
waiting     on this device; goes to the CRM by itself
needs you   a person must look: open it in the pending list
delivered   the CRM has it, and has said so
discarded   a person decided against it; can be restored

THE PENDING LIST
o or Enter opens a lead to read and mend   r retry   R retry all shown
d discard, with a reason   u restore   s sync now
f what is shown   c cause   / search   Esc back

"Saved" is said when the lead is on this device's disk. No network is
needed for that; what waits is sent as soon as there is one.
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
        tags = "\n".join(f"{letter}           tag it: {tag}" for letter, tag in self.tags.items())
        with VerticalScroll(id="page"):
            yield Static(HELP.format(tags=tags), markup=False)
