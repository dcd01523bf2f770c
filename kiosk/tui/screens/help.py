"""The help: what the keys do, and what the words mean."""

import re
from collections.abc import Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from data.language import N_, _
from kiosk.status.wording import sanitize_text
from kiosk.tui.booth_app import BoothModal

# Columns are separated by at least two spaces. Together at most 17 lines of 66 characters, besides their titles, so
# that it all fits a terminal of 80 x 24.
_SCANNING = N_("""\
1 to 5     rate the last lead; the same number removes the rating
{tags}
n          add a note; Enter, a pause or the next badge saves it
Esc        clear the card           F3   change who is scanning
F2         the pending list         F5   sync now
F1         this help                F10  close the kiosk
""")
_STATES = N_("""\
waiting    on this device; it goes to the CRM automatically
needs you  you have to look: open it in the pending list
delivered  the CRM has confirmed that it has it
discarded  somebody decided not to send it; it can be restored
""")
_PENDING_LIST = N_("""\
o, Enter   open and edit: Ctrl+S saves, Esc goes back
Space      mark several: r, d, u and 1 to 5 then apply to those
r          retry                    R    retry all that are shown
d          discard, with a reason   u    undo that, or restore
f          show another state       c    group by cause
/          search all leads         e    export
s          sync now                 p    pause, resume sending
""")

_COLUMN = re.compile(r"\S+(?: \S+)*")


class HelpScreen(BoothModal[None]):
    """One page of help over the current screen."""

    CSS_PATH = "help.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (150, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (29, "-high")]
    BINDINGS = [Binding("escape,f1,enter,q", "dismiss", N_("Close"))]

    def __init__(self, tags: Mapping[str, str]) -> None:
        """Prepare the page; *tags* maps the letters of this event to its tags."""
        super().__init__()
        self.tags = tags

    def compose(self) -> ComposeResult:
        """Lay out the sections."""
        letters, names = " ".join(self.tags), ", ".join(sanitize_text(tag) for tag in self.tags.values())
        tags = f"{letters:10} " + _("add or remove a tag: {tags}").format(tags=names)
        with VerticalScroll(id="page") as page:
            page.border_title = _("Help")
            page.border_subtitle = _("“Saved” means safe on this device; no network is needed.")
            with Container(id="sections"):
                scanning = _("SCANNING never stops: by camera or USB scanner, on every screen.")
                yield Static(_build_section(scanning, _(_SCANNING).format(tags=tags)))
                yield Static(_build_section(_("THE PENDING LIST"), _(_PENDING_LIST)))
                yield Static(_build_section(_("WHERE A LEAD IS"), _(_STATES)))


def _build_section(title: str, text: str) -> Content:
    """Return a section with its title and its keys in colours."""
    lines = [Content.styled(title, "bold")]
    for line in text.rstrip().splitlines():
        content = Content(line)
        # Every other column is a key or a word, the others say what it does or means.
        for found in list(_COLUMN.finditer(line))[::2]:
            content = content.stylize("bold $accent", *found.span())
        lines.append(content)
    return Content("\n").join(lines)
