"""Finds out which keyboard layout this computer is set to, from the files that Linux systems keep it in."""

import re
from collections.abc import Iterable
from pathlib import Path

from kiosk.badges.keyboard_layouts import LayoutPair, make_layout_pair
from kiosk.badges.layout_keys import LAYOUT_NAMES_BY_CODE

_LAYOUT_FILES = (Path("/etc/default/keyboard"), Path("/etc/vconsole.conf"))

# `XKBLAYOUT="de,us"`, or `KEYMAP=de-latin1`: the first layout counts.
_LAYOUT_LINE = re.compile(r'^(?:XKBLAYOUT|KEYMAP)="?([a-z]+)', re.MULTILINE)

# What the system calls layouts differently, and those that equal another one.
_OTHER_CODES = {"gb": "uk", "at": "de", "fi": "se", "cs": "cz"}


def expect_layouts(files: Iterable[Path] = _LAYOUT_FILES) -> LayoutPair | None:
    """
    Return the layouts to expect if they differ: a scanner as it is sold, with a US layout, and this computer's own.

    Returns None if the computer has a US keyboard, or if no file says so. It is a guess that only chooses between
    layouts that a badge has proven equally: a desktop may have set another one.
    """
    for file in files:
        try:
            found = _LAYOUT_LINE.search(file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
        if found:
            name = LAYOUT_NAMES_BY_CODE.get(_OTHER_CODES.get(found[1], found[1]), "US")
            return make_layout_pair("US", name) if name != "US" else None
    return None
