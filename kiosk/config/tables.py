"""The tables of kiosk.toml that have no module of their own: event, screen, scanner, data, practice."""

import os
from dataclasses import dataclass, field

from data.language import _, list_languages
from kiosk.badges.keyboard_layouts import LayoutPair, make_layout_pair
from kiosk.badges.layout_keys import LAYOUT_NAMES_BY_CODE
from sync.settings.checks import check_range

# The letter that the scan screen uses for something else, so that no tag can have it.
_RESERVED_LETTER = "n"

THEMES = ("auto", "dark", "light", "high-contrast")
"""The colours of the screens; the first, the default, goes by the terminal."""

# The longest prefix or suffix of a scanner.
_MAX_AFFIX_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class EventSettings:
    """The `[event]` table: where and for whom leads are collected."""

    name: str = "practice"
    """The event's name; leads of different events never mix."""
    kiosk: str = "kiosk-1"
    """This device's name, stored with each scan."""
    operator: str = ""
    """Who scans, until somebody enters another name on the screen."""
    tags: dict[str, str] = field(
        default_factory=lambda: {"p": "pricing", "d": "demo", "c": "call me"}  # not shown: values of kiosk.toml
    )
    """Letters that tag the last lead on the scan screen, and the tag that each adds."""
    card_seconds: float = 8.0
    """How long the last visitor's card stays on the screen when nothing is pressed."""

    def check(self) -> None:
        """Raise ValueError, starting with the key, for a value that cannot work."""
        for key in ("name", "kiosk"):
            if not getattr(self, key).strip():
                raise ValueError(_("{key}: must not be empty; it is stored with each scan.").format(key=key))
        for letter, tag in self.tags.items():
            if len(letter) != 1 or not letter.isascii() or not letter.islower() or letter == _RESERVED_LETTER:
                message = _(
                    "tags: {letter!r} cannot stand for {tag!r}; use a letter from a to z other than {reserved}."
                )
                raise ValueError(message.format(letter=letter, tag=tag, reserved=_RESERVED_LETTER))
        check_range("card_seconds", self.card_seconds, 1, 600)


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The `[screen]` table: how the kiosk talks to people."""

    language: str = ""
    """A language code such as `de`; empty: the system's language."""
    theme: str = THEMES[0]
    """One of `THEMES`."""
    big_type: bool = False
    """Whether the scan screen shows what matters larger, and less of the rest."""

    def check(self) -> None:
        """Raise ValueError, starting with the key, for a value that cannot work."""
        languages = list_languages()
        if self.language and self.language not in languages:
            message = _("language: there is no translation for {language!r}; available: {languages}.")
            raise ValueError(message.format(language=self.language, languages=", ".join(languages)))
        if self.theme not in THEMES:
            message = _("theme: there is no theme {theme!r}; choose one of {themes}.")
            raise ValueError(message.format(theme=self.theme, themes=", ".join(THEMES)))


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """The `[scanner]` table: USB and Bluetooth scanners that type what they read."""

    key_gap_ms: int = 100
    """The longest pause between two keystrokes of one badge; people type more slowly."""
    prefix: str = ""
    """What the scanner types before each badge; not part of it."""
    suffix: str = ""
    """What the scanner types after each badge, before Enter; not part of it."""
    scanner_layout: str = ""
    """The keyboard layout that the scanner is set to, such as `us`; empty if it is the computer's."""
    computer_layout: str = ""
    """The keyboard layout that this computer is set to, such as `de`."""

    @property
    def layouts(self) -> LayoutPair | None:
        """The layouts of the scanner and the computer; None if they are the same."""
        names = [LAYOUT_NAMES_BY_CODE.get(code, "") for code in (self.scanner_layout, self.computer_layout)]
        return make_layout_pair(*names) if all(names) else None

    def check(self) -> None:
        """Raise ValueError, starting with the key, for a value that cannot work."""
        if not 20 <= self.key_gap_ms <= 250:
            raise ValueError(
                _("key_gap_ms: must be from 20 to 250 milliseconds; above that, typing would be taken for badges.")
            )
        for key in ("prefix", "suffix"):
            _check_affix(key, getattr(self, key))
        for key, other in (("scanner_layout", "computer_layout"), ("computer_layout", "scanner_layout")):
            code, other_code = getattr(self, key), getattr(self, other)
            if code and code not in LAYOUT_NAMES_BY_CODE:
                message = _("{key}: there is no layout {code!r}; choose from {codes}.")
                raise ValueError(message.format(key=key, code=code, codes=", ".join(LAYOUT_NAMES_BY_CODE)))
            if code and not other_code:
                raise ValueError(_("{key}: set {other}, too, or neither of them.").format(key=key, other=other))
        if self.scanner_layout and self.scanner_layout == self.computer_layout:
            raise ValueError(_("scanner_layout: it equals computer_layout, so remove both."))


def _check_affix(key: str, affix: str) -> None:
    """Raise ValueError for a prefix or suffix that cannot work."""
    if len(affix) > _MAX_AFFIX_CHARACTERS:
        message = _("{key}: must have at most {count} characters.")
        raise ValueError(message.format(key=key, count=_MAX_AFFIX_CHARACTERS))
    if "\r" in affix or "\n" in affix:
        raise ValueError(
            _("{key}: Enter is recognised without it; name only what else the scanner types.").format(key=key)
        )


@dataclass(frozen=True, slots=True)
class DataSettings:
    """The `[data]` table: where the leads are stored on this device."""

    folder: str = ""
    """The folder of kiosk.db; empty: the user's own data folder. Practice mode uses a subfolder of it."""
    receipts_days: int = 90
    """How many days the receipts of delivered leads are kept; leads and scans are kept indefinitely."""

    def check(self) -> None:
        """Raise ValueError, starting with the key, for a value that cannot work."""
        # A relative path would name a different folder wherever the kiosk is started, and the leads would seem lost.
        if self.folder and not os.path.isabs(os.path.expanduser(self.folder)):  # noqa: PTH111, PTH117
            message = _("folder: {folder!r} must be an absolute path, starting with / or ~/.")
            raise ValueError(message.format(folder=self.folder))
        if not self.folder.isprintable():
            raise ValueError(_("folder: {folder!r} cannot be a folder's name.").format(folder=self.folder))
        check_range("receipts_days", self.receipts_days, 1, 36_500)


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """The `[practice]` table: the practice CRM and the demo badges, used until a CRM is configured."""

    port: int = 8765
    """The practice CRM's port on this device; if it is in use, a free one is chosen."""
    badges: int = 24
    """How many demo badges a run without a screen shows before it ends."""
    seconds_each: float = 3.0
    """How long each demo badge stays in front of the camera."""

    def check(self) -> None:
        """Raise ValueError, starting with the key, for a value that cannot work."""
        if not 0 <= self.port <= 65535:
            raise ValueError(_("port: must be from 0 to 65535; 0 chooses any free port."))
        check_range("badges", self.badges, 1, 10_000)
        check_range("seconds_each", self.seconds_each, 0.1, 600)
