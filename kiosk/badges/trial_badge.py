"""The test badge, which organisers print to try out scanners."""

import re

from kiosk.badges.badge import Badge, ScannedCode

TEST_PATTERN = re.compile(r"(?:https?://[^\s?#]{1,300}/)?(?:TEST){2,20}/?", re.IGNORECASE)
"""`TESTTEST…`, alone or as the end of a link: pgeu prints `/t/at/TESTTESTTESTTEST/`."""


def read_test_badge(code: ScannedCode) -> Badge | None:
    """The test badge: no lead comes of it."""
    return Badge("test") if TEST_PATTERN.fullmatch(code.text) else None
