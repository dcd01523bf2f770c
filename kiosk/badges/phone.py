"""Phone numbers as links and cards write them."""

import re
from urllib.parse import unquote

_SCHEME = re.compile(r"(?:tel|callto|sms|mms):(?://)?", re.IGNORECASE)

_EXTENSION = re.compile(r";\s*ext=([^;]{1,20})", re.IGNORECASE)


def extract_phone(value: str) -> str:
    """Return the number in *value* as people write it: `tel:+1-418-656-9254;ext=102` is `+1-418-656-9254 ext. 102`."""
    scheme = _SCHEME.match(value)
    text = unquote(value[scheme.end() :]).partition("?")[0] if scheme else value
    extension = _EXTENSION.search(text)
    number = text.partition(";")[0].strip() if scheme or extension else text.strip()
    return f"{number} ext. {extension[1].strip()}" if extension and number else number
