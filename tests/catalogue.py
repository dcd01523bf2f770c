"""
`make catalogue`: collects the sentences of all packages, updates the translations, checks and compiles them.

Exits with 1, and names them, if translations have wrong braces or plural forms.
"""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import IO

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from data.language import DOMAIN, LOCALE_FOLDER

ROOT = Path(__file__).parents[1]
PACKAGES = ("kiosk", "sync", "data", "camera")
TEMPLATE = LOCALE_FOLDER / f"{DOMAIN}.pot"
METHODS = [("**.py", "python"), ("**.js", "javascript"), ("**.html", "tests.catalogue:extract_html")]
KEYWORDS = {**DEFAULT_KEYWORDS, "mark_for_translation": None}


_ATTRIBUTES = {"aria-label", "placeholder", "value"}
"""Attributes that people see or hear; the same as in kiosk/api/page/language.js."""


class _HtmlTexts(HTMLParser):
    """Collects the texts of a page, as its script looks them up."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [(self.getpos()[0], text) for name, text in attrs if name in _ATTRIBUTES and text]

    def handle_data(self, data: str) -> None:
        if re.search("[a-z]{2}", text := data.strip()):
            self.found.append((self.getpos()[0], text))


def extract_html(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Extract the texts of a page (a method of Babel's)."""
    page = _HtmlTexts()
    page.feed(file.read().decode())
    for line, text in page.found:
        yield line, "gettext", text, []


def collect() -> Catalog:
    """The template: every sentence, and the files that it stands in."""
    catalogue = Catalog(project="Booth kiosk", charset="utf-8", creation_date=datetime(2026, 1, 1, tzinfo=UTC))
    for package in PACKAGES:
        found = extract_from_dir(ROOT / package, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",))
        for name, _line, message, comments, context in found:
            # Without line numbers, so that the template changes with the sentences only.
            catalogue.add(message, None, [(f"{package}/{name}", None)], auto_comments=comments, context=context)
    return catalogue


def write(catalogue: Catalog, path: Path) -> None:
    """Write *catalogue* for translators, in an order that does not change."""
    buffer = BytesIO()
    write_po(buffer, catalogue, sort_by_file=True, include_lineno=False, width=120)
    path.write_bytes(buffer.getvalue())


def find_mistakes(catalogue: Catalog) -> list[str]:
    """What is wrong in the translations of one language."""
    return [f"{message.id!r}: {error}" for message, errors in catalogue.check() for error in errors]


def update(path: Path, template: Catalog) -> list[str]:
    """Bring the translation at *path* up to date, compile it, and return what is wrong in it."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name, domain=DOMAIN)
    catalogue.update(template)
    write(catalogue, path)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return [f"{path}: {mistake}" for mistake in find_mistakes(catalogue)]


def main() -> int:
    """Collect, update, compile; the exit status."""
    template = collect()
    write(template, TEMPLATE)
    mistakes = [line for path in sorted(LOCALE_FOLDER.glob("*/LC_MESSAGES/*.po")) for line in update(path, template)]
    print(f"{len(template)} sentences in {TEMPLATE.relative_to(ROOT)}.")  # noqa: T201
    print("\n".join(mistakes), file=sys.stderr)  # noqa: T201
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
