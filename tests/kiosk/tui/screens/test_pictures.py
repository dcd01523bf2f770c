"""The pictures in docs/pictures show what the screens look like."""

import pytest

from tests.pictures import FOLDER, PICTURES, text_of


def test_there_is_a_picture_of_every_screen_and_no_other() -> None:
    """Besides the drawing of the architecture, which is made by hand."""
    assert sorted(path.stem for path in FOLDER.glob("*.svg") if path.stem != "architecture") == sorted(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_says_what_the_screen_says(name: str) -> None:
    committed = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    drawn = await PICTURES[name]()

    assert text_of(drawn) == text_of(committed), "the screen has changed: run make pictures, and commit them"
    assert "url(http" not in committed
