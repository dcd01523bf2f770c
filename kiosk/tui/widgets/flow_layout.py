"""A layout like that of words in a paragraph: from left to right, and on to the next row."""

from fractions import Fraction

from textual.geometry import Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget


class FlowContainer(Widget):
    """A container whose children flow."""

    DEFAULT_CSS = """
    FlowContainer { height: auto; }
    """  # not shown: a style sheet

    def __init__(self, *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        # The property `styles.layout` only takes the layouts that Textual comes with.
        self._flow_layout = FlowLayout()

    @property
    def layout(self) -> Layout:
        """The layout of the children."""
        return self._flow_layout


class FlowLayout(Layout):
    """Lays out children with their own widths; the margin to the right of each is the gap to the next."""

    name = "flow"  # not shown: the name of a layout

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Place *children* in rows of at most the width of *size*."""
        parent.pre_layout(self)
        viewport = parent.app.viewport_size
        placements: list[WidgetPlacement] = []
        x = y = row_height = 0
        for child in children:
            box = child._get_box_model(size, viewport, Fraction(size.width), Fraction(size.height))
            width, height = min(int(box.width), max(1, size.width)), int(box.height)
            if x and x + width > size.width:
                x, y, row_height = 0, y + row_height, 0
            region = Region(x, y, width, height)
            placements.append(WidgetPlacement(region, child.styles.offset.resolve(size, viewport), box.margin, child))
            x += width + box.margin.right
            row_height = max(row_height, height + box.margin.bottom)
        return placements
