"""The test badge that organisers print to try out scanners."""

import re

from kiosk.badges.badge import Badge, ScannedCode

_TEST_PATTERN = re.compile(r"(?:https?://[^\s?#]{1,300}/)?(?:TEST){2,20}/?", re.IGNORECASE)
"""`TESTTEST…` alone or at the end of a link: pgeu prints `/t/at/TESTTESTTESTTEST/`."""


def read_test_badge(code: ScannedCode) -> Badge | None:
    """Read the test badge, which never becomes a lead."""
    return Badge("test") if _TEST_PATTERN.fullmatch(code.text) else None
