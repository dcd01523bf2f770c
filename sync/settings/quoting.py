"""Values of kiosk.toml in messages: a person may have pasted the secret itself where its place was to be named."""

import re
from urllib.parse import urlsplit

_MAX_SHOWN_CHARS = 40
"""Characters of a value that is shown; keys and tokens are longer."""

_SECRET_PATTERN = re.compile(
    r"(?=.{12})(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]*"  # letters and digits in one piece
    r"|.*(?:://|@).*"  # a URL: a password, or the path that is the secret of a webhook
    r"|(?:pat|sk|pk|ghp|gho|xox\w|glpat|shpat|key|eyJ\w*|bearer|basic|token)[-_ :].*",
    re.IGNORECASE | re.DOTALL,
)

_VARIABLE_PATTERN = re.compile(r"[A-Z]+\d?(?:_[A-Z]+\d?)*")
"""What people call an environment variable, and nobody a token."""

_HIDDEN_VALUE = "the value there (not shown: it may be a secret)"


def quote_value(value: object) -> str:
    """*value* in quotes; only a remark where it may be a secret."""
    text = str(value)
    if len(text) > _MAX_SHOWN_CHARS or not text.isprintable() or _SECRET_PATTERN.fullmatch(text):
        return _HIDDEN_VALUE
    return repr(text)


def quote_variable(name: str) -> str:
    """The *name* of an environment variable; a remark where it is something else, such as the token itself."""
    if _VARIABLE_PATTERN.fullmatch(name) and len(name) <= _MAX_SHOWN_CHARS:
        return name
    return "of that name (not shown: if it is the secret itself, put that into a variable, and its name here)"


def quote_path(path: str) -> str:
    """*path*, where it may be one: its folder is there, or it is written from the root on; else a remark."""
    is_path = path.isprintable() and len(path) < 300 and path.startswith(("/", "~/", "./", "../"))
    return path if is_path else _HIDDEN_VALUE


def quote_url(url: str) -> str:
    """The scheme and the host of *url*, as far as both can be told; never a user, a password or a path."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or not re.fullmatch(r"[\w.-]+", host) or parts.username or not re.fullmatch(r"\w*", parts.scheme):
        return quote_value(url)
    return f"{parts.scheme}://{host}"
