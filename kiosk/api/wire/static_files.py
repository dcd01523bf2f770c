"""The files that the pages are made of."""

from functools import cache
from importlib.resources import files

STATIC_FILE_TYPES = {
    "numbers.html": "text/html; charset=utf-8",
    "numbers.css": "text/css; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    "numbers.js": "text/javascript; charset=utf-8",
    "stream.js": "text/javascript; charset=utf-8",
    "tiles.js": "text/javascript; charset=utf-8",
    "leads.js": "text/javascript; charset=utf-8",
    "words.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""The files in `page/`, and what each is."""


@cache
def read_static_file(name: str) -> bytes:
    """What is in one of them."""
    return files("kiosk.api").joinpath("page", name).read_bytes()
