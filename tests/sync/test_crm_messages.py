"""The words of a page for people, whoever made it."""

import pytest

from sync.crm_messages import extract_page_text, extract_title
from sync.http_client import CrmResponse


@pytest.mark.parametrize("beginning", ["<", "<script", "<script>", "<h1>", "<style ", "<title x"])
def test_a_page_made_of_beginnings_is_read_in_a_moment(beginning: str) -> None:
    """Nothing that begins there ends: looking for each end to the last character takes the square of its length."""
    answer = CrmResponse(403, {"content-type": "text/html"}, b"<p>Blocked</p>" + beginning.encode() * 50_000)

    assert extract_page_text(answer).startswith("Blocked")
    assert extract_title(answer) == ""


def test_the_text_of_a_page_is_what_is_not_code() -> None:
    """Also after a script, and before one that never ends."""
    page = b"<title>Gone</title><script>if (a < b) x()</script><p>We are back soon</p><style>p { }"

    assert extract_page_text(CrmResponse(200, {}, page)) == "Gone We are back soon"
