"""What the screen shows while nobody is there: a drawing of a code, and what to do with a badge."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from kiosk.tui.widgets.block_letters import draw_half_blocks, draw_letters

# The sizes of the drawing in dots, and those of its corners.
_CODE_SIZES = ((21, 7), (15, 5))
_CODE_SCALES = (1, 2, 3)

_MAX_LETTER_ROWS = 12
_MAX_LETTER_LINES = 3


class Welcome(Widget):
    """Invites a visitor, as large as the place allows."""

    invitation: reactive[str] = reactive("")
    """What to do, in large letters."""
    sentence: reactive[str] = reactive("")
    """A sentence below it."""
    event: reactive[str] = reactive("")
    """The event's name."""
    has_code: reactive[bool] = reactive(True)
    """Whether to draw a code."""

    def render(self) -> RenderResult:
        """Render everything in the middle."""
        width, height = self.size
        if width < 4 or height < 1:
            return Content("")
        texts = self._build_texts(width)
        letters = self._draw_invitation(width, max(1, height - len(texts) - 1))
        code = self._draw_code(width, height - len(letters) - len(texts) - 2)
        lines = [Content.styled(row, "$text-muted") for row in code]
        if code:
            lines.append(Content(""))
        lines += [Content.styled(row, "bold $foreground") for row in letters]
        if len(lines) + len(texts) < height:
            lines.append(Content(""))
        lines += texts
        above = max(0, (height - len(lines)) // 2)
        return Content("\n").join([Content("")] * above + [line.center(width) for line in lines[:height]])

    def _build_texts(self, width: int) -> list[Content]:
        """Return the lines below the invitation."""
        texts = Content.styled(self.sentence, "$foreground").wrap(width) if self.sentence else []
        return [*texts, Content.styled(self.event, "$text-muted").truncate(width, ellipsis=True)]

    def _draw_invitation(self, width: int, height: int) -> list[str]:
        """Return the invitation in letters that leave room for the drawing; plain where letters do not fit."""
        room = height if height < 12 else max(7, height // 2)
        drawn = draw_letters(self.invitation, width, min(room, _MAX_LETTER_ROWS), _MAX_LETTER_LINES)
        # Letters of equal width: centred one by one, the lines of a word in dots would no longer be letters.
        longest = max(map(len, drawn), default=0)
        plain = [line.plain for line in Content(self.invitation).wrap(width)][:height]
        return [row.ljust(longest) for row in drawn] or plain

    def _draw_code(self, width: int, height: int) -> list[str]:
        """Return the largest code that fits; none if not even the smallest does."""
        if not self.has_code:
            return []
        options = [(size * scale, size, corner, scale) for size, corner in _CODE_SIZES for scale in _CODE_SCALES]
        for across, size, corner, scale in sorted(options, key=lambda option: (option[1], option[0]), reverse=True):
            if across <= width and (across + 1) // 2 <= height:
                return draw_half_blocks(draw_pattern(size, corner), scale)
        return []


def draw_pattern(size: int, corner: int) -> list[str]:
    """Draw something that looks like a QR code but is not one, so that no camera reads it off the screen."""
    return ["".join("#" if _is_dark(x, y, size, corner) else "." for x in range(size)) for y in range(size)]


def _is_dark(x: int, y: int, size: int, corner: int) -> bool:
    """Return whether a dot of the drawing is set: three corners with a frame and a core, and a pattern between."""
    for left, top in ((0, 0), (size - corner, 0), (0, size - corner)):
        column, row = x - left, y - top
        if 0 <= column < corner and 0 <= row < corner:
            return min(column, row, corner - 1 - column, corner - 1 - row) != 1
        if -1 <= column <= corner and -1 <= row <= corner:
            return False
    return (x * x * 7 + y * 13 + x * y * 5 + (x ^ y) * 11) % 5 % 2 == 0
