"""The footer of a screen that has too many keys for one line."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widget import Widget

# Textual has no public name for it; pyproject.toml limits Textual's version.
from textual.widgets._footer import FooterKey

from kiosk.tui.widgets.steady_footer import SteadyFooter


class TwoLineFooter(SteadyFooter):
    """A footer of two lines, whose columns are as wide as their widest key."""

    DEFAULT_CSS = """
    TwoLineFooter { layout: grid; grid-rows: 1; height: 2; }
    TwoLineFooter FooterKey { width: 1fr; }
    TwoLineFooter.-compact FooterKey { margin: 0 0 0 1; }
    """  # not shown: a style sheet
    # Few keys are laid out in this many columns, too, so that they stay in place when others are hidden.
    MIN_COLUMNS = 6

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        keys = list(super().compose())
        columns = max(self.MIN_COLUMNS, (len(keys) + 1) // 2)
        self.styles.grid_size_columns = columns
        widths = [max(map(_measure_key, keys[column::columns]), default=1) for column in range(columns)]
        self.styles.grid_columns = " ".join(f"{width}fr" for width in widths)
        yield from keys


def _measure_key(key: Widget) -> int:
    """Return how many terminal cells a key takes, with the space before it."""
    return cell_len(f"{key.key_display} {key.description} ") if isinstance(key, FooterKey) else 1
