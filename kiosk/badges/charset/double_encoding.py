"""Repairs UTF-8 that a program read as Windows-1252 and encoded once more: `JosÃ©` for José."""

import re

# The characters that Windows-1252 shows for the continuation bytes of UTF-8.
_CONTINUATION_CHARACTERS = "".join(
    dict.fromkeys(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xC0))
)
_CONTINUATION = f"[\x80-\x9f{re.escape(_CONTINUATION_CHARACTERS)}]"
_NO_CLOSING_QUOTE = f"(?![’”«»]){_CONTINUATION}"

# Letters that were encoded twice. Greek and Cyrillic need two letters at least. After Ä and Å in a word a closing
# quotation mark does not count, because it may end the word.
_DOUBLE_ENCODED = re.compile(
    f"Ã{_CONTINUATION}|Â[\xa0©®°´·ª«»]|[ÄÅ]{_NO_CLOSING_QUOTE}|(?<!\\w)[ÄÅ]{_CONTINUATION}(?=\\w)"
    f"|(?:[ÎÏÐÑ]{_CONTINUATION}){{2,}}|(?:[à-ï]{_CONTINUATION}{{2}})+"
)

_BYTE_BY_CHARACTER = {bytes([code]).decode("cp1252", "ignore") or chr(code): code for code in range(0x80, 0x100)}


def fix_double_encoding(text: str) -> str:
    """Undo the second encoding of a text that was encoded twice; return any other text unchanged."""
    return text if text.isascii() else _DOUBLE_ENCODED.sub(_decode_match, text)


def _decode_match(found: re.Match[str]) -> str:
    """Decode the characters whose UTF-8 bytes were *found*."""
    data = bytes(_BYTE_BY_CHARACTER.get(character, ord(character)) for character in found[0])
    try:
        return data.decode()
    except UnicodeDecodeError:
        return found[0]
