"""
`make catalogue`: collects the sentences of all packages, updates the translations, checks and compiles them.

Exits with 1, and names them, if translations have other placeholders than their originals, or wrong plural forms.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import IO

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from data.language import DOMAIN, LOCALE_FOLDER

ROOT = Path(__file__).parents[1]
PACKAGES = ("kiosk", "sync", "data", "camera")
TEMPLATE = LOCALE_FOLDER / f"{DOMAIN}.pot"
METHODS = [("**.py", "python"), ("**.js", "javascript"), ("**.html", "tests.catalogue:extract_html")]
KEYWORDS = {**DEFAULT_KEYWORDS, "mark_for_translation": None}

# Attributes that people see or hear; the same as in kiosk/api/page/language.js.
_HTML_ATTRIBUTES = {"aria-label", "placeholder", "value"}


class _HtmlTexts(HTMLParser):
    """Collects the texts of a page, as its script looks them up."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [(self.getpos()[0], text) for name, text in attrs if name in _HTML_ATTRIBUTES and text]

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


def collect_sentences() -> Catalog:
    """Return the template: every sentence, and the files it appears in."""
    catalogue = Catalog(project="Booth kiosk", charset="utf-8", creation_date=datetime(2026, 1, 1, tzinfo=UTC))
    for package in PACKAGES:
        found = extract_from_dir(ROOT / package, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",))
        for name, _line, message, comments, context in found:
            # Without line numbers, so that the template changes with the sentences only.
            catalogue.add(message, None, [(f"{package}/{name}", None)], auto_comments=comments, context=context)
    drop_percent_formats(catalogue)
    return catalogue


def drop_percent_formats(catalogue: Catalog) -> None:
    """Take back Babel's guess that "100% of the leads" is a format of Python's `%`, which the product does not use."""
    for message in catalogue:
        message.flags.discard("python-format")


def write_catalogue(catalogue: Catalog, path: Path) -> None:
    """Write *catalogue* for translators, in an order that does not change."""
    buffer = BytesIO()
    write_po(buffer, catalogue, sort_by_file=True, include_lineno=False, width=120)
    path.write_bytes(buffer.getvalue())


def find_mistakes(catalogue: Catalog) -> list[str]:
    """Find what is wrong in the translations of one language."""
    mistakes = [f"{message.id!r}: {error}" for message, errors in catalogue.check() for error in errors]
    for message in catalogue:
        if message.id and _is_translated(message):
            mistakes += [f"{message.id!r}: {mistake}" for mistake in _find_wrong_placeholders(message)]
    return mistakes


def list_untranslated(catalogue: Catalog) -> list[str]:
    """List the sentences that people read in English because their translation is missing or out of date."""
    return [_list_forms(message.id)[0] for message in catalogue if message.id and not _is_translated(message)]


def _is_translated(message: Message) -> bool:
    """Return whether *message* has a translation in every form; one that is marked fuzzy is not compiled."""
    return not message.fuzzy and all(_list_forms(message.string))


def _find_wrong_placeholders(message: Message) -> list[str]:
    """Find the forms of a translation whose placeholders are not those of the original."""
    try:
        originals = [_find_placeholders(text) for text in _list_forms(message.id)]
    except ValueError:
        return []  # an example with braces of its own, which the product does not format
    # The singular and the plural of an original can differ, as in "{count} visitors, one every {seconds} s".
    needed, allowed = set.intersection(*originals), set.union(*originals)
    mistakes = []
    for text in _list_forms(message.string):
        try:
            found = _find_placeholders(text)
        except ValueError as error:
            mistakes.append(f"{text!r}: {error}")
            continue
        if not needed <= found <= allowed:
            mistakes.append(f"{text!r} has the placeholders {sorted(found)} instead of {sorted(allowed)}")
    return mistakes


def _find_placeholders(text: str) -> set[str]:
    """
    Return the names in braces in *text*; `{{` and `}}` are braces that people see.

    Raises:
        ValueError: a brace is missing.
    """
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _list_forms(text: str | Sequence[str] | None) -> list[str]:
    """Return the singular and plural forms of *text*: one string if it has no plural, None if it is not translated."""
    return list(text) if isinstance(text, list | tuple) else [text or ""]


def describe_untranslated(catalogue: Catalog) -> str:
    """Say how many sentences people read in English, and how many translations are no longer needed."""
    messages = [message for message in catalogue if message.id]
    outdated = sum(message.fuzzy for message in messages)
    missing = sum(not message.fuzzy and not _is_translated(message) for message in messages)
    return f"{outdated} out of date (marked fuzzy), {missing} missing, {len(catalogue.obsolete)} no longer used"


def update_translation(path: Path, template: Catalog) -> Catalog:
    """Bring the translation at *path* up to date, compile and return it."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name, domain=DOMAIN)
    catalogue.update(template)
    drop_percent_formats(catalogue)
    write_catalogue(catalogue, path)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return catalogue


def main() -> int:
    """Collect, update and compile; return the exit status."""
    template = collect_sentences()
    write_catalogue(template, TEMPLATE)
    print(f"{len(template)} sentences in {TEMPLATE.relative_to(ROOT)}.")  # noqa: T201
    status = 0
    for path in sorted(LOCALE_FOLDER.glob("*/LC_MESSAGES/*.po")):
        catalogue = update_translation(path, template)
        print(f"{path}: {describe_untranslated(catalogue)}.")  # noqa: T201
        for mistake in find_mistakes(catalogue):
            print(f"{path}: {mistake}", file=sys.stderr)  # noqa: T201
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
