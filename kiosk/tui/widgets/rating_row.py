"""The rating: five blocks, from cold to hot."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive

from data.language import pgettext
from kiosk.tui.widgets.keyless_button import KeylessButton


def name_rating(rating: int) -> str:
    """Return the word for a rating from 1 to 5; empty for those between two words."""
    if rating == 1:
        return pgettext("rating", "cold")
    if rating == 3:
        return pgettext("rating", "warm")
    return pgettext("rating", "hot") if rating == 5 else ""


class RatingRow(Horizontal):
    """Shows a rating; all blocks up to it are filled, and the block itself has a tick."""

    rating: reactive[int | None] = reactive(None)

    def compose(self) -> ComposeResult:
        """Lay out the five blocks."""
        for number in range(1, 6):
            yield KeylessButton(str(number), name_rating(number), id=f"rate-{number}", classes="rate")

    def on_mount(self) -> None:
        """Show the rating."""
        self.watch_rating()

    def watch_rating(self) -> None:
        """Show another rating."""
        rating = self.rating or 0
        for number, button in enumerate(self.query(KeylessButton), 1):
            button.show_choice(is_filled=number <= rating, is_ticked=number == rating)
