"""Quote values of kiosk.toml in messages: a person may have pasted a secret where the name of its place belongs."""

import re
from urllib.parse import urlsplit

from data.language import N_, _

_MAX_SHOWN_CHARS = 40
"""Longer values are not shown; keys and tokens are longer."""

_SECRET_PATTERN = re.compile(
    r"(?=.{12})(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]*"  # letters and digits in one piece
    r"|.*(?:://|@).*"  # a URL: a password, or the path that is the secret of a webhook
    r"|(?:pat|sk|pk|ghp|gho|xox\w|glpat|shpat|key|eyJ\w*|bearer|basic|token)[-_ :].*",
    re.IGNORECASE | re.DOTALL,
)

_VARIABLE_PATTERN = re.compile(r"[A-Z]+\d?(?:_[A-Z]+\d?)*")
"""What an environment variable is usually called, and a token is not."""

_HIDDEN_VALUE = N_("the value there (not shown: it may be a secret)")


def quote_value(value: object) -> str:
    """Return *value* in quotes; a remark instead if it may be a secret."""
    text = str(value)
    if len(text) > _MAX_SHOWN_CHARS or not text.isprintable() or _SECRET_PATTERN.fullmatch(text):
        return _(_HIDDEN_VALUE)
    return repr(text)


def is_variable_name(name: str) -> bool:
    """Return whether *name* looks like that of an environment variable; otherwise it may be the secret itself."""
    return bool(_VARIABLE_PATTERN.fullmatch(name)) and len(name) <= _MAX_SHOWN_CHARS


def quote_path(path: str) -> str:
    """Return *path* if it looks like one; a remark instead if it may be a secret."""
    is_path = path.isprintable() and len(path) < 300 and path.startswith(("/", "~/", "./", "../"))
    return path if is_path else _(_HIDDEN_VALUE)


def quote_url(url: str) -> str:
    """Return the scheme and the host of *url*, if it has both; never a user, a password or a path."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or not re.fullmatch(r"[\w.-]+", host) or parts.username or not re.fullmatch(r"\w*", parts.scheme):
        return quote_value(url)
    return f"{parts.scheme}://{host}"
