"""The computer's own keyboard layout, from the system's files."""

from pathlib import Path

import pytest

from kiosk.scanning.computer_layout import expect_layouts


@pytest.mark.parametrize(
    ("content", "computer"),
    [
        ('XKBMODEL="pc105"\nXKBLAYOUT="de"\n', "German"),
        ('XKBLAYOUT="gb,us"\n', "British"),
        ("KEYMAP=at-nodeadkeys\n", "German"),
        ('XKBLAYOUT="us"\n', None),
        ('XKBLAYOUT="xx"\n', None),
        ("", None),
    ],
)
def test_the_first_layout_counts(content: str, computer: str | None, tmp_path: Path) -> None:
    file = tmp_path / "keyboard"
    file.write_text(content)

    found = expect_layouts([tmp_path / "missing", file])

    assert (found.computer if found else None) == computer
    assert found is None or found.scanner == "US"
