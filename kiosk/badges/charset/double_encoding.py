"""UTF-8 that a program took for Windows' set and encoded once more: `JosÃ©` for José."""

import re

_CONTINUATION_CHARACTERS = "".join(
    dict.fromkeys(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xC0))
)
_CONTINUATION = f"[\x80-\x9f{re.escape(_CONTINUATION_CHARACTERS)}]"
_NO_CLOSING_QUOTE = f"(?![’”«»]){_CONTINUATION}"

_DOUBLE_ENCODED = re.compile(
    f"Ã{_CONTINUATION}|Â[\xa0©®°´·ª«»]|[ÄÅ]{_NO_CLOSING_QUOTE}|(?<!\\w)[ÄÅ]{_CONTINUATION}(?=\\w)"
    f"|(?:[ÎÏÐÑ]{_CONTINUATION}){{2,}}|(?:[à-ï]{_CONTINUATION}{{2}})+"
)
"""Of Greek and Cyrillic two letters at least; behind Ä and Å in a word no closing quotation mark, which may end it."""

_BYTE_BY_CHARACTER = {bytes([code]).decode("cp1252", "ignore") or chr(code): code for code in range(0x80, 0x100)}


def fix_double_encoding(text: str) -> str:
    """*text* without the second encoding of what was encoded twice; it stays as it is where that gives no text."""
    return text if text.isascii() else _DOUBLE_ENCODED.sub(_decode_match, text)


def _decode_match(found: re.Match[str]) -> str:
    """The characters whose UTF-8 was *found*."""
    data = bytes(_BYTE_BY_CHARACTER.get(character, ord(character)) for character in found[0])
    try:
        return data.decode()
    except UnicodeDecodeError:
        return found[0]
