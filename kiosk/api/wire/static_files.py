"""The files of the dashboard and of the API reference, served below `/static/`."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class StaticFile(NamedTuple):
    """A file in `kiosk/api/page/`."""

    file_name: str
    media_type: str


_HTML = "text/html; charset=utf-8"
_CSS = "text/css; charset=utf-8"
_JAVASCRIPT = "text/javascript; charset=utf-8"

# The files by their name in the URL. The dashboard was once called `numbers`, and published URLs never change.
STATIC_FILES = {
    "numbers.html": StaticFile("dashboard.html", _HTML),
    "numbers.css": StaticFile("dashboard.css", _CSS),
    "numbers.js": StaticFile("dashboard.js", _JAVASCRIPT),
    "docs.css": StaticFile("docs.css", _CSS),
    "language.js": StaticFile("language.js", _JAVASCRIPT),
    "stream.js": StaticFile("stream.js", _JAVASCRIPT),
    "tiles.js": StaticFile("tiles.js", _JAVASCRIPT),
    "leads.js": StaticFile("leads.js", _JAVASCRIPT),
    "words.js": StaticFile("words.js", _JAVASCRIPT),
    "icon.svg": StaticFile("icon.svg", "image/svg+xml"),
}


@cache
def read_static_file(name: str) -> bytes:
    """Read the file that is called *name* in its URL."""
    return files("kiosk.api").joinpath("page", STATIC_FILES[name].file_name).read_bytes()
