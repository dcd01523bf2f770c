"""
A language that does not exist: every English sentence with accents on its letters, `Sàvéd: {name}`.

What is still plain English on a screen that speaks it was never looked up in the catalogue.
"""

import re
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo

from data.language import DOMAIN
from tests.catalogue import collect_sentences

CODE = "xx"

_ACCENTS = str.maketrans("aeiounycsAEIOUNYCS", "àéîöûñýçšÀÉÎÖÛÑÝÇŠ")
_KEPT = re.compile(r"(\{[^}]*\}|%[a-zA-Z%]|`[^`]*`|https?://\S+|\n)")
"""What is filled in, typed or opened, and so stays as it is in every language."""

_PLAIN_WORD = re.compile(r"(?<![\w.\-/\[@#=`\"'])[A-Za-z]*[aeiounycs][A-Za-z]*(?![\w.\-/\]@=`])")


def accent(message: str) -> str:
    """*message* in the language that does not exist."""
    parts = _KEPT.split(message)
    return "".join(part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in parts)


def write_pseudo_language(folder: Path) -> None:
    """Compile the catalogue of the language into *folder*, as `data.language.LOCALE_FOLDER` has it."""
    catalogue = Catalog(locale="en", domain=DOMAIN, charset="utf-8")
    for message in collect_sentences():
        if not message.id:
            continue
        if isinstance(message.id, tuple):
            string: str | list[str] | tuple[str, ...] = tuple(accent(form) for form in message.id)
        elif message.context and "strftime" in message.context:
            string = message.id
        else:
            string = accent(message.id)
        catalogue.add(message.id, string, context=message.context)
    path = folder / CODE / "LC_MESSAGES" / f"{DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)


def find_plain_words(text: str, known: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    """The words of *text* that are plain English, but for the *known* ones: names of people, commands, keys."""
    return [word for word in _PLAIN_WORD.findall(text) if len(word) > 2 and word not in known and not word.isupper()]
