"""The keys of a screen that has too many of them for one line."""

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class TwoLineFooter(Footer):
    """The footer, in two lines of columns, each as wide as what stands in it asks for."""

    DEFAULT_CSS = """
    TwoLineFooter { layout: grid; grid-rows: 1; height: 2; padding: 0 1; }
    TwoLineFooter FooterKey { width: 1fr; }
    """
    MIN_COLUMNS = 6
    """Columns, also where there are few keys: then they stand where they always stand."""

    def compose(self) -> ComposeResult:
        """The keys."""
        keys = list(super().compose())
        columns = max(self.MIN_COLUMNS, (len(keys) + 1) // 2)
        self.styles.grid_size_columns = columns
        widths = [max(map(measure_key, keys[place::columns]), default=1) for place in range(columns)]
        self.styles.grid_columns = " ".join(f"{wide}fr" for wide in widths)
        yield from keys


def measure_key(key: Widget) -> int:
    """How many columns a key needs, with a space after it."""
    return len(f"{key.key_display} {key.description} ") if isinstance(key, FooterKey) else 1
