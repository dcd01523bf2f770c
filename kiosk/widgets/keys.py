"""The keys of a screen that has too many of them for one line."""

from textual.app import ComposeResult
from textual.widgets import Footer


class TwoLinesOfKeys(Footer):
    """The footer, in two lines of equal columns: each key is as easy to hit as the others."""

    DEFAULT_CSS = """
    TwoLinesOfKeys { layout: grid; grid-rows: 1; height: 2; padding: 0 1; }
    TwoLinesOfKeys FooterKey { width: 1fr; }
    """
    LEAST = 6
    """Columns, also where there are few keys: then they stand where they always stand."""

    def compose(self) -> ComposeResult:
        """The keys."""
        keys = list(super().compose())
        self.styles.grid_size_columns = max(self.LEAST, (len(keys) + 1) // 2)
        yield from keys
