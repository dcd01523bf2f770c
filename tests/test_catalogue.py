"""
Every sentence that people read is in the catalogue.

A sentence is a string of product code with two words or more that nothing here says is for machines. It must stand in a
call of `_`, `N_`, `ngettext` or `pgettext`, so that Babel finds it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from data.language import DOMAIN, LOCALE_FOLDER
from tests.catalogue import (
    TEMPLATE,
    collect_sentences,
    describe_untranslated,
    drop_percent_formats,
    find_mistakes,
    list_untranslated,
    update_translation,
)

ROOT = Path(__file__).parents[1]
PACKAGES = ("kiosk", "sync", "data", "camera")

TRANSLATED = {"_", "N_", "gettext", "ngettext", "pgettext", "mark_for_translation"}
"""Calls that look a string up in the catalogue, or mark it for that."""

UNSEEN_CALLS = {
    *(
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "critical",
        "log_once",
    ),  # the log is for whoever looks after it
    *("execute", "executemany", "executescript", "query", "compile", "getLogger", "strftime", "strptime", "TypeVar"),
}
"""Calls whose strings are for machines, or for the log."""

UNSEEN_ERRORS = {"AssertionError", "NotImplementedError", "RuntimeError", "TypeError", "LookupError", "KeyError"}
"""Errors that only a mistake of ours raises."""

UNTRANSLATED = (
    "sync/practice_crm/",
    "kiosk/loadtest/",
    "kiosk/api/docs/",
    "kiosk/api/wire/",
    "kiosk/api/ingest/",
    "kiosk/api/routes/",
    "kiosk/api/context.py",
    "kiosk/api/server/app.py",
    "kiosk/api/server/authentication.py",
    "kiosk/api/server/connection_limits.py",
    "kiosk/badges/",
    "data/migrations.py",
)
"""
Where sentences are not for people at a booth: what the practice CRM answers as other vendors' servers do, developers'
measurements, the errors of the HTTP API and its reference, words that badges are recognised by, the database's schema.
"""

_SENTENCE = re.compile(r"[A-Za-z’']{2,}[,;:.!?]? [A-Za-z’'{]{2,}")
_SQL = re.compile(
    r"^\s*(select|insert|update|delete|create|alter|drop|with|begin|pragma|attach|detach|where|and|or|order|from|join"
    r"|left join|union|on conflict|values|exists|case|limit)\b",
    re.IGNORECASE,
)


def product_files() -> Iterator[Path]:
    """The files whose sentences people read."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(UNTRANSLATED):
                yield path


def called_name(call: ast.Call) -> str:
    """`f` of `f(...)` and of `x.f(...)`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


class _Finder(ast.NodeVisitor):
    """Collects the strings that look like sentences and are not in the catalogue."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.found: list[tuple[int, str]] = []

    def visit_Call(self, node: ast.Call) -> None:
        if called_name(node) in TRANSLATED | UNSEEN_CALLS | UNSEEN_ERRORS:
            return
        self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """An assertion is a mistake of ours."""

    def visit_Expr(self, node: ast.Expr) -> None:
        """A string that stands alone is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]:
            self.visit(part)

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._look_at(
            node, "".join(str(part.value) if isinstance(part, ast.Constant) else "{xx}" for part in node.values)
        )
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._look_at(node, node.value)

    def _look_at(self, node: ast.expr, text: str) -> None:
        """Keep *text* if it looks like a sentence and its lines do not say that nobody reads it."""
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        is_marked = any("# not shown" in line for line in lines)
        if _SENTENCE.search(text) and not _SQL.match(text) and not is_marked:
            self.found.append((node.lineno, text))


def sentences_outside(path: Path) -> list[str]:
    """`line: text` of each sentence in *path* that is not in the catalogue."""
    text = path.read_text(encoding="utf-8")
    finder = _Finder(text.splitlines())
    finder.visit(ast.parse(text))
    return [f"{line}: {found!r}" for line, found in finder.found]


def test_the_template_for_translators_is_up_to_date() -> None:
    """`make catalogue` rewrites it."""
    with TEMPLATE.open("rb") as file:
        written = read_po(file)

    assert {(message.id, message.context) for message in written} == {
        (message.id, message.context) for message in collect_sentences()
    }


LANGUAGES = sorted(path.parent.parent.name for path in LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


@cache
def read_translation(language: str) -> Catalog:
    """The translation into *language*, with the sentences that the code has now."""
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    catalogue.update(collect_sentences(), no_fuzzy_matching=True)
    drop_percent_formats(catalogue)
    return catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_translation_says_every_sentence(language: str) -> None:
    """Otherwise, staff read part of a screen in English."""
    untranslated = list_untranslated(read_translation(language))

    assert not untranslated, (
        f"{language} lacks {len(untranslated)} sentences, such as {untranslated[:5]}: run `make catalogue`, then "
        f"translate them in data/locale/{language}/LC_MESSAGES/{DOMAIN}.po"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_translation_has_the_placeholders_of_its_originals(language: str) -> None:
    """Otherwise, the screen would fail at the booth."""
    mistakes = find_mistakes(read_translation(language))

    assert not mistakes, f"{language}, as `make catalogue` says, too: {mistakes[:5]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_translation_is_compiled(language: str) -> None:
    """The kiosk reads kiosk.mo only."""
    path = LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    buffer = BytesIO()
    with path.open("rb") as file:
        write_mo(buffer, read_po(file, locale=language, domain=DOMAIN))
    buffer.seek(0)
    with path.with_suffix(".mo").open("rb") as file:
        compiled, expected = (vars(GNUTranslations(one))["_catalog"] for one in (file, buffer))

    differing = [key for key in compiled.keys() | expected.keys() if key and compiled.get(key) != expected.get(key)]
    assert not differing, f"{language}: run `make catalogue`, which compiles {differing[:5]}"


@pytest.mark.parametrize("path", list(product_files()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_sentence_is_in_the_catalogue(path: Path) -> None:
    """What nobody reads says so: a line with `# not shown` and why."""
    assert sentences_outside(path) == []


def marked_sentences(path: Path) -> set[str]:
    """The strings in *path* that are looked up in the catalogue, or marked for it."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    found: set[str] = set()
    for call in calls:
        name = called_name(call)
        texts = call.args[1:] if name == "pgettext" else call.args[:2] if name == "ngettext" else call.args[:1]
        if name in TRANSLATED:
            found |= {str(text.value) for text in texts if isinstance(text, ast.Constant)}
    return found


def test_babel_finds_every_marked_sentence() -> None:
    """On Python 3.11 it finds none that stands in an f-string, which would be in English for good."""
    found: set[str] = set()
    for message in collect_sentences():
        found.update([message.id] if isinstance(message.id, str) else message.id)

    assert set().union(*map(marked_sentences, product_files())) - found == set()


@pytest.mark.parametrize(
    "code",
    [
        'x = "No camera found."',
        'notify(f"Saved: {name} of {company}")',
        'help="Show the leads"',
        'raise Refused("It is not there.")',
    ],
)
def test_a_sentence_outside_is_found(code: str, tmp_path: Path) -> None:
    """Also in an f-string, a keyword and an error."""
    path = tmp_path / "one.py"
    path.write_text(f"call({code})" if code.startswith("help") else code)

    assert len(sentences_outside(path)) == 1


@pytest.mark.parametrize(
    "code",
    [
        'x = _("No camera found.")',
        'log.info("The worker has started.")',
        'db.execute("select id from leads")',
        '"""A docstring here."""',
    ],
)
def test_what_is_in_it_or_for_machines_is_not(code: str, tmp_path: Path) -> None:
    """Logs and SQL are for machines and their keepers."""
    path = tmp_path / "one.py"
    path.write_text(code)

    assert sentences_outside(path) == []


@pytest.mark.parametrize(
    "translation", ["{zahl} Leads", "Leads", "{count} Leads aus {place}", "{count Leads", "{} Leads"]
)
def test_a_translation_with_other_placeholders_is_a_mistake(translation: str) -> None:
    """Otherwise, the screen would fail at the booth, where this language is on."""
    german = Catalog(locale="de")
    german.add("{count} leads", translation)
    german.add("{count} of {total} leads", "von {total} Leads {count}")

    mistakes = find_mistakes(german)

    assert len(mistakes) == 1
    assert repr(translation) in mistakes[0]


def test_each_plural_form_has_the_placeholders() -> None:
    """A placeholder that only one form of the original has may be left out, but none may be added."""
    german = Catalog(locale="de")
    german.add(("{count} lead", "{count} leads"), ("{count} Lead", "{anzahl} Leads"))
    german.add(("{count} day", "{count} days, {rest} left"), ("{count} Tag", "{count} Tage"))

    assert [mistake for mistake in find_mistakes(german) if "anzahl" not in mistake] == []
    assert len(find_mistakes(german)) == 1


def test_a_percent_sign_is_not_a_format() -> None:
    """Babel reads "% o" in it, and would want the same in each translation."""
    template = collect_sentences()

    assert [message.id for message in template if "python-format" in message.flags] == []


def test_an_example_with_braces_of_its_own_is_not_checked() -> None:
    """Nothing fills its braces in."""
    german = Catalog(locale="de")
    german.add('such as { person = "{first_id}" }.', 'wie { person = "{first_id}" }.')

    assert find_mistakes(german) == []


def test_what_is_not_translated_is_counted(tmp_path: Path) -> None:
    """Out of date, missing, and no longer used; a sentence whose original has changed only a little is out of date."""
    path = tmp_path / "de" / "LC_MESSAGES" / "kiosk.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "The lead was saved."\nmsgstr "Der Lead wurde gespeichert."\n\n'
        'msgid "Cancel"\nmsgstr "Abbrechen"\n\n'
        'msgid "Open the printer"\nmsgstr "Drucker öffnen"\n',
        encoding="utf-8",
    )
    template = Catalog()
    for sentence in ("The lead was saved now.", "Cancel", "Choose a badge"):
        template.add(sentence)

    german = update_translation(path, template)

    assert describe_untranslated(german) == "1 out of date (marked fuzzy), 1 missing, 1 no longer used"
