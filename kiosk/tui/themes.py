"""The kiosk's palettes: one quiet ground, one accent for what can be pressed, and green, amber and red for meanings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from textual.content import Content
from textual.theme import Theme

from kiosk.config.tables import THEMES

# The names of terminals that have sixteen colours, and whose fonts have few signs: the consoles of Linux.
_CONSOLE_TERMINALS = ("linux",)

# What a Linux console draws in place of signs that its fonts lack: characters of the PC's first code page.
_CONSOLE_SIGNS = str.maketrans("✓✗●○", "√X■o")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme, each named for its use."""

    ground: str
    bar: str
    """Behind the top bar, the footer and the selected row."""
    chip: str
    """Behind what can be pressed and is not chosen."""
    ink: str
    muted: str
    """Text that is secondary."""
    frame: str
    accent: str
    good: str
    look: str
    """Something that somebody should look at."""
    bad: str
    on_fill: str
    """Text on the accent, on green and on amber."""
    on_bad: str
    """Text on red."""
    is_dark: bool = True
    fills: tuple[str, str, str, str] | None = None
    """Grounds in the colours accent, good, look and bad, if they differ from those."""


PALETTES: Mapping[str, Palette] = {
    "dark": Palette(
        ground="#0e1318",
        bar="#161d26",
        chip="#222c38",
        ink="#e6edf3",
        muted="#8fa3b5",
        frame="#34424f",
        accent="#7cc0ff",
        good="#56d4a0",
        look="#f0b84a",
        bad="#ef6f6c",
        on_fill="#0e1318",
        on_bad="#0e1318",
    ),
    "light": Palette(
        ground="#f7f9fb",
        bar="#e9eef3",
        chip="#dde5ec",
        ink="#16202a",
        muted="#4d5d6c",
        frame="#b4c0cb",
        accent="#0a58b0",
        good="#0b6b47",
        look="#875100",
        bad="#b3261e",
        on_fill="#ffffff",
        on_bad="#ffffff",
        is_dark=False,
    ),
    "high-contrast": Palette(
        ground="#000000",
        bar="#000000",
        chip="#2b2b2b",
        ink="#ffffff",
        muted="#e0e0e0",
        frame="#ffffff",
        accent="#6fd3ff",
        good="#3dff9e",
        look="#ffd426",
        bad="#ff9a94",
        on_fill="#000000",
        on_bad="#000000",
    ),
    # The sixteen colours exactly as Rich knows them, so that each is sent to the console as itself. Grounds are of the
    # first eight, because older consoles have no bright grounds.
    "console": Palette(
        ground="#000000",
        bar="#0000aa",
        chip="#0000aa",
        ink="#ffffff",
        muted="#aaaaaa",
        frame="#555555",
        accent="#55ffff",
        good="#55ff55",
        look="#ffff55",
        bad="#ff5555",
        on_fill="#000000",
        on_bad="#ffffff",
        fills=("#00aaaa", "#00aa00", "#aa5500", "#aa0000"),
    ),
}


def build_themes() -> list[Theme]:
    """Return the themes of all palettes for Textual."""
    return [_build_theme(name, palette) for name, palette in PALETTES.items()]


def name_theme(palette_name: str) -> str:
    """Return the name under which Textual knows the theme of a palette."""
    return f"kiosk-{palette_name}"


def choose_palette(setting: str) -> str:
    """Return the name of the palette for `[screen] theme`: on a console with sixteen colours, *auto* is theirs."""
    if setting == THEMES[0]:
        return "console" if is_console() else "dark"
    return setting


def is_console() -> bool:
    """Whether the terminal is a console of Linux, with sixteen colours and few signs."""
    return os.environ.get("TERM", "") in _CONSOLE_TERMINALS


def replace_signs(text: str) -> str:
    """Replace the signs in *text* that the terminal has no picture of."""
    return text.translate(_CONSOLE_SIGNS) if is_console() else text


def replace_content_signs(content: Content) -> Content:
    """Replace the signs in *content* that the terminal has no picture of; its styles stay, as no length changes."""
    return Content(replace_signs(content.plain), spans=list(content.spans))


def _build_theme(name: str, palette: Palette) -> Theme:
    """Build the theme of *palette*."""
    return Theme(
        name=name_theme(name),
        primary=palette.accent,
        secondary=palette.accent,
        accent=palette.accent,
        success=palette.good,
        warning=palette.look,
        error=palette.bad,
        foreground=palette.ink,
        background=palette.ground,
        surface=palette.ground,
        panel=palette.bar,
        boost=palette.chip,
        dark=palette.is_dark,
        variables=_build_variables(palette),
    )


def _build_variables(palette: Palette) -> dict[str, str]:
    """Return the variables of style sheets; what Textual would blend is written out, because consoles cannot blend."""
    fills = palette.fills or (palette.accent, palette.good, palette.look, palette.bad)
    # Where the bar cannot be told from the ground, a selected row needs another one.
    has_bar = palette.bar != palette.ground
    # Grey on the console's blue is hard to read.
    bar_text = palette.ink if palette.fills else palette.muted
    return dict(zip(("accent-fill", "good-fill", "look-fill", "bad-fill"), fills, strict=True)) | {
        "text": palette.ink,
        "text-muted": palette.muted,
        "text-disabled": palette.muted,
        "text-primary": palette.accent,
        "text-accent": palette.accent,
        "text-success": palette.good,
        "text-warning": palette.look,
        "text-error": palette.bad,
        "border": palette.accent,
        "border-blurred": palette.frame,
        "block-cursor-background": palette.bar if has_bar else palette.accent,
        "block-cursor-foreground": palette.ink if has_bar else palette.on_fill,
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": palette.chip,
        "block-cursor-blurred-foreground": palette.ink,
        "block-cursor-blurred-text-style": "none",
        "block-hover-background": palette.chip,
        "button-foreground": palette.ink,
        "button-color-foreground": palette.on_fill,
        "button-focus-text-style": "bold",
        "input-cursor-background": palette.ink,
        "input-cursor-foreground": palette.ground,
        "input-selection-background": palette.chip,
        "footer-background": palette.bar,
        "footer-foreground": bar_text,
        "footer-key-foreground": palette.accent,
        "footer-description-foreground": bar_text,
        "scrollbar": palette.frame,
        "scrollbar-hover": palette.muted,
        "scrollbar-active": palette.accent,
        "scrollbar-background": palette.ground,
        "scrollbar-background-hover": palette.ground,
        "scrollbar-background-active": palette.ground,
        "scrollbar-corner-color": palette.ground,
        "primary-muted": palette.chip,
        "success-muted": palette.chip,
        "warning-muted": palette.chip,
        "error-muted": palette.chip,
        "chip": palette.chip,
        # Fonts of consoles have no rounded corners.
        "frame": "solid" if palette.fills else "round",
        "on-bad": palette.on_bad,
        "bar-text": bar_text,
    }
