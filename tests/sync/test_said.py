"""The words of a page for people, whoever made it."""

import pytest

from sync.http import Answer
from sync.said import page_text, title_of


@pytest.mark.parametrize("beginning", ["<", "<script", "<script>", "<h1>", "<style ", "<title x"])
def test_a_page_made_of_beginnings_is_read_in_a_moment(beginning: str) -> None:
    """Nothing that begins there ends: looking for each end to the last character takes the square of its length."""
    answer = Answer(403, {"content-type": "text/html"}, b"<p>Blocked</p>" + beginning.encode() * 50_000)

    assert page_text(answer).startswith("Blocked")
    assert title_of(answer) == ""


def test_the_text_of_a_page_is_what_is_not_code() -> None:
    """Also after a script, and before one that never ends."""
    page = b"<title>Gone</title><script>if (a < b) x()</script><p>We are back soon</p><style>p { }"

    assert page_text(Answer(200, {}, page)) == "Gone We are back soon"
