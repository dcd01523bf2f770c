"""The dashboard speaks the kiosk's language: every sentence on it is in the catalogue."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.language import export_catalogue
from tests.catalogue import collect_sentences
from tests.kiosk.api.api import ROOT, Api
from tests.kiosk.api.chromium import Chromium, Page, find_chromium

PAGE = ROOT / "kiosk" / "api" / "page"

LOOKED_UP = re.compile(r"(?<!\w)(_|N_|ngettext)\((\s*\"[^\"]*\",)?\s*$")

COMMENT_OR_STRING = re.compile(r"//[^\n]*|(['\"`])(?P<text>(?:\\.|(?!\1).)*)\1", re.DOTALL)

WORDS = re.compile(r"[A-Za-z]{2,}[,;:.!?]? [A-Za-z{]{2,}")

PSEUDO = """
import json, pathlib
import kiosk.api.routes.pages as pages
pages.export_catalogue = lambda: json.loads(pathlib.Path({path!r}).read_text())
"""


def find_sentences(path: Path) -> Iterator[str]:
    """Find the strings in a script that look like sentences and are not looked up in the catalogue."""
    script = path.read_text(encoding="utf-8")
    for found in COMMENT_OR_STRING.finditer(script):
        text = found["text"]
        if text and WORDS.search(text) and not LOOKED_UP.search(script[: found.start()]):
            yield text


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_every_sentence_of_the_scripts_is_looked_up(path: Path) -> None:
    """Babel finds them by the names of the functions; class names, selectors, states and causes are not sentences."""
    machine = re.compile(r"^(\$\{lead\.id\}|Bearer |buttons manage|needs you$|needs details$)")

    assert [text for text in find_sentences(path) if not machine.search(text)] == []


def test_a_sentence_that_is_not_looked_up_is_found(tmp_path: Path) -> None:
    """In single, double and back quotes."""
    path = tmp_path / "one.js"
    path.write_text("setText('x', 'No camera found'); f(\"all is well\"); g(`it is ${late} here`); h(_('fine by me'))")

    assert len(list(find_sentences(path))) == 3


def test_english_needs_no_catalogue() -> None:
    """The page shows its own sentences then, and chooses between singular and plural."""
    catalogue = export_catalogue()

    assert (catalogue["language"], catalogue["messages"]) == ("en", {})
    assert catalogue["plural_forms"][:4] == [1, 0, 1, 1]


@pytest.fixture
def pseudo_page(tmp_path: Path) -> Iterator[Page]:
    """The dashboard in a language whose sentences are the English ones in brackets."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium")
    messages = {}
    for message in collect_sentences():
        if message.id:
            several = isinstance(message.id, tuple | list)
            key = message.id[0] if several else message.id
            messages[key] = [f"⟦{form}⟧" for form in message.id] if several else f"⟦{key}⟧"
    catalogue = {"language": "eo", "messages": messages, "plural_forms": [int(count != 1) for count in range(200)]}
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue))
    api, chromium = Api(tmp_path), Chromium(program, tmp_path / "chromium")
    try:
        api.start(PSEUDO.format(path=str(tmp_path / "catalogue.json")))
        api.post({"client_id": "1", "name": "Ana Lopez", "email": "ana@initech.example"})
        page = chromium.page()
        page.go(f"{api.url}/numbers")
        page.until("document.activeElement.id === 'token'")
        page.type(api.token("manage"))
        page.press("Enter", 13)
        page.until("document.querySelector('#leads .who')", seconds=120)
        yield page
    finally:
        chromium.close()
        api.stop()


VISIBLE_TEXTS = """
(() => {
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (parent.closest('script, noscript, code, #sentence, #crm, .why, .who, .from, #event, .name')) continue;
    if (/[a-z]{2}/.test(node.textContent)) texts.push(parent.textContent.trim());
  }
  return texts;
})()
"""


def test_every_text_of_the_page_is_translated(pseudo_page: Page) -> None:
    """Also what is hidden now, and what screen readers read; what the kiosk sends is in its language already."""
    texts = pseudo_page.run(VISIBLE_TEXTS)
    labels = pseudo_page.run(
        "[...document.querySelectorAll('[aria-label]')].map(one => one.getAttribute('aria-label'))"
    )

    assert len(texts) > 20
    assert [text for text in [*texts, *labels] if "⟦" not in text] == []
    assert pseudo_page.run("document.title").startswith("⟦")
    assert pseudo_page.run("document.documentElement.lang") == "eo"
