"""The colours: each text can be read on its ground, and a console is only asked for the colours that it has."""

import re

import pytest
from textual.color import Color

from kiosk.config.tables import THEMES, ScreenSettings
from kiosk.tui.themes import PALETTES, Palette, build_themes, choose_palette, name_theme, replace_signs

_SIXTEEN = {
    "#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa",
    "#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff",
}  # fmt: skip
"""What Rich takes for the sixteen colours."""

_LEAST_CONTRAST = {"high-contrast": 7.0}
"""What WCAG asks for at its highest level; the others meet the level below."""


def list_pairs(palette: Palette) -> list[tuple[str, str]]:
    """Each text with each ground that it stands on."""
    plain = [
        (text, ground)
        for text in (palette.ink, palette.muted, palette.accent)
        for ground in (palette.ground, palette.bar, palette.chip)
    ]
    meant = [(text, palette.ground) for text in (palette.good, palette.look, palette.bad)]
    accent, good, look, bad = palette.fills or (palette.accent, palette.good, palette.look, palette.bad)
    return [*plain, *meant, *((palette.on_fill, fill) for fill in (accent, good, look)), (palette.on_bad, bad)]


@pytest.mark.parametrize("name", PALETTES)
def test_each_text_can_be_read_on_its_ground(name: str) -> None:
    # The console's muted text on its blue is the one pair that sixteen colours have nothing better for.
    least = 3.9 if name == "console" else _LEAST_CONTRAST.get(name, 4.5)

    hard = [pair for pair in list_pairs(PALETTES[name]) if measure_contrast(*pair) < least]

    assert hard == []


def measure_contrast(first: str, second: str) -> float:
    """The contrast of two colours, as WCAG defines it: from 1 to 21."""
    lights = sorted(map(measure_light, (first, second)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def measure_light(colour: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in Color.parse(colour).normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_the_console_is_asked_for_its_sixteen_colours_only() -> None:
    palette = PALETTES["console"]
    grounds = {palette.ground, palette.bar, palette.chip, *(palette.fills or ())}

    theme = next(theme for theme in build_themes() if theme.name == name_theme("console"))
    colours = {value for value in theme.variables.values() if re.fullmatch("#[0-9a-f]{6}", value)}

    assert colours <= _SIXTEEN
    assert {colour for colour in grounds if "ff" in colour or "55" in colour.replace("aa5500", "")} == set()


@pytest.mark.parametrize(
    ("terminal", "setting", "chosen"),
    [
        ("xterm-256color", "auto", "dark"),
        ("linux", "auto", "console"),
        ("", "auto", "dark"),
        ("linux", "light", "light"),
        ("xterm", "high-contrast", "high-contrast"),
    ],
)
def test_the_theme_goes_by_the_setting_or_else_by_the_terminal(
    terminal: str, setting: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", terminal)

    assert choose_palette(setting) == chosen


def test_there_is_a_palette_for_each_setting() -> None:
    assert {choose_palette(setting) for setting in THEMES} <= PALETTES.keys()


def test_a_console_gets_signs_that_its_fonts_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")

    signs = replace_signs("✓ ✗ ● ○ Ana")

    assert signs == "√ X ■ o Ana"
    assert signs.encode("cp437")


def test_a_theme_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="theme: there is no theme 'pink'; choose one of auto, dark, light, high-con"):
        ScreenSettings(theme="pink").check()
