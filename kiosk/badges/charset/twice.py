"""UTF-8 that a program took for Windows' set and encoded once more: `JosÃ©` for José."""

import re

_HIGH = "".join(dict.fromkeys(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xC0)))
_NEXT = f"[\x80-\x9f{re.escape(_HIGH)}]"
_NO_CLOSING_QUOTE = f"(?![’”«»]){_NEXT}"

_TWICE = re.compile(
    f"Ã{_NEXT}|Â[\xa0©®°´·ª«»]|[ÄÅ]{_NO_CLOSING_QUOTE}|(?<!\\w)[ÄÅ]{_NEXT}(?=\\w)"
    f"|(?:[ÎÏÐÑ]{_NEXT}){{2,}}|(?:[à-ï]{_NEXT}{{2}})+"
)
"""Of Greek and Cyrillic two letters at least; behind Ä and Å in a word no closing quotation mark, which may end it."""

_CODES = {bytes([code]).decode("cp1252", "ignore") or chr(code): code for code in range(0x80, 0x100)}


def encoded_once(text: str) -> str:
    """*text* without the second encoding of what was encoded twice; it stays as it is where that gives no text."""
    return text if text.isascii() else _TWICE.sub(_decode, text)


def _decode(found: re.Match[str]) -> str:
    """The characters whose UTF-8 was *found*."""
    data = bytes(_CODES.get(character, ord(character)) for character in found[0])
    try:
        return data.decode()
    except UnicodeDecodeError:
        return found[0]
