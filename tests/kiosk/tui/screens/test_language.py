"""Every sentence on every screen is looked up in the catalogue: a made-up language changes all of them."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from data import language, outbox
from tests.support.on_screen import ANA, OnScreen, on_screen
from tests.support.pseudo_language import CODE, find_plain_words, write_pseudo_language

KNOWN = {
    *("Ana", "López", "Initech", "ana", "initech", "example", "camera", "Bo"),  # people, and the name of the camera
    *("pricing", "demo", "call", "Esc", "Enter", "Space", "Ctrl", "close", "offline"),  # settings, keys, a word to type
    *("The", "CRM", "rejected", "blocked", "down", "network"),  # what the worker wrote down in its language
    "Expo",  # the event
    "pictures",  # the kind of the source, as it is kept
}
"""Words that are no sentences of ours."""


@pytest.fixture(autouse=True)
def pseudo_language(tmp_path: Path) -> Iterator[None]:
    """Speak a language that does not exist."""
    write_pseudo_language(tmp_path)
    with patch.object(language, "LOCALE_FOLDER", tmp_path):
        language.use_language(CODE)
        yield
    language.use_language("en")


def check_translated(booth: OnScreen) -> None:
    """Check that nothing on the screen is plain English."""
    assert find_plain_words(booth.text, KNOWN) == [], booth.text


async def test_no_screen_shows_a_sentence_that_is_not_in_the_catalogue() -> None:
    async with on_screen(size=(120, 40)) as booth:
        await booth.until(lambda: booth.app.status is not None)
        check_translated(booth)
        await booth.show(ANA, sees="Ana López")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: outbox.park_lead(db, lead_id, 1, "rejected", "The CRM rejected it: blocked.", 1.0))
        await booth.app.refresh_status()

        for key in ("n", "escape", "f3", "escape", "f1", "escape", "f10", "escape", "f5", "f2", "d", "escape", "enter"):
            await booth.press(key)
            check_translated(booth)
        await booth.type("x")
        await booth.press("escape")
        check_translated(booth)
