"""A button for mouse and touch only."""

from typing import Any

from textual.content import Content
from textual.widgets import Button

from kiosk.status.wording import sanitize_text
from kiosk.tui.themes import replace_signs


class KeylessButton(Button, can_focus=False):
    """A chip with its key; it never has the focus, or Enter would press it, whoever is on the card by then."""

    def __init__(self, key: str, word: str, **options: Any) -> None:
        """Show *key*, which does the same, and *word*."""
        super().__init__(compact=True, **options)
        self.key = key
        self.word = sanitize_text(word)
        self.is_ticked = False
        self.show_choice(is_filled=False, is_ticked=False)

    def show_choice(self, *, is_filled: bool, is_ticked: bool) -> None:
        """Show whether the button's choice is made: filled, and with a tick for terminals without colours."""
        self.set_class(is_filled, "-chosen")
        key = Content.styled(self.key, "bold" if is_filled else "bold $accent")
        tick = replace_signs("✓") if is_ticked else ""
        label = Content(" ").join([key, *(part for part in (self.word, tick) if part)])
        # Not assigned: contents with the same text count as equal, whatever their styles.
        self.set_reactive(Button.label, label)
        self.refresh(layout=True)
