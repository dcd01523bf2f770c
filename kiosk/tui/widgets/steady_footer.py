"""The footer of all screens: it lays out its keys again only when they change."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer

# Textual has no public name for it; pyproject.toml limits Textual's version.
from textual.widgets._footer import FooterKey


class SteadyFooter(Footer):
    """
    A footer that stays as it is while its keys do.

    Textual's own lays them out again whenever the focus moves and whenever it asks which keys are enabled.
    """

    # What the keys were made from: the binding, whether it is enabled, its tooltip.
    _shown: list[tuple[Binding, bool, str]] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        self._shown = self._list_shown() if self._bindings_ready else None
        for widget in super().compose():
            if isinstance(widget, FooterKey):
                # Otherwise each key begins compact, and its styles are computed again when it hears that it is not.
                widget.set_reactive(FooterKey.compact, self.compact)
                widget.set_class(self.compact, "-compact", update=False)
            yield widget

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Lay out the keys again, if they are not the same as before."""
        if self._shown is None or screen is not self.screen or self._list_shown() != self._shown:
            super().bindings_changed(screen)

    def _list_shown(self) -> list[tuple[Binding, bool, str]]:
        """Return what the keys are made from."""
        active = self.screen.active_bindings.values()
        return [(one.binding, one.enabled, one.tooltip) for one in active if one.binding.show]
