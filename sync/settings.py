"""The `[crm]` table of kiosk.toml: which CRM the leads go to, and how it is spoken to."""

import ipaddress
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

CONTACT_API = {name: name for name in (
    "first_name", "last_name", "name", "email", "phone", "company", "job_title", "website", "address", "city",
    "region", "postcode", "country", "badge_id", "rating", "note", "tags", "answers", "event", "scanned_at", "revision",
)}  # fmt: skip
"""The field names of the practice CRM's API: our own."""


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The `[crm.rest.answer]` table: where in an answer things are. Steps of a path are divided by dots: `data.id`."""

    id: str = "id"
    """The CRM's own id of a contact, in an answer to one and in each item of an answer to many."""
    key: str = "client_id"
    """Our id, as the CRM gives it back. Needed for many; for one it may be empty where the CRM does not name it."""
    items: str = "results"
    """The list of items, in an answer to many; empty where the answer is the list."""
    status: str = "status"
    """An item's status, as a word or a number; empty where an item without an error counts as taken."""
    taken: tuple[str, ...] = ("created", "updated", "ok", "200", "201")
    """The statuses that mean that the CRM has the contact."""
    error: str = "error"
    """What was wrong, in an item and in an answer that refuses."""


@dataclass(frozen=True, slots=True)
class RestSettings:
    """The `[crm.rest]` table: any JSON API that takes contacts."""

    url: str = ""
    """Where one contact is sent."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    bulk_url: str = ""
    """Where many are sent at once; empty where the CRM takes them one by one."""
    bulk_size: int = 100
    """How many contacts one call may hold."""
    bulk_key: str = "contacts"
    """The name of the list in the body; empty where the body is the list."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with each call. Secrets do not belong here but into `token_env` or `token_file`."""
    token_env: str = ""
    """The environment variable that holds the token."""
    token_file: str = ""
    """Or the file that holds it; only its owner may be able to read it."""
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "
    id_field: str = "client_id"
    """The CRM's name for our id, by which it tells a contact that it has already."""
    fields: Mapping[str, str] = field(default_factory=lambda: CONTACT_API)
    """Our field's name to the CRM's; what is not here is not sent."""
    answer: AnswerSettings = field(default_factory=AnswerSettings)

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        check_url("rest.url", self.url)
        if self.bulk_url:
            check_url("rest.bulk_url", self.bulk_url)
            if origin(self.bulk_url) != origin(self.url):
                raise ValueError("rest.bulk_url: it must be on the same host as url.")
            if not self.answer.key:
                raise ValueError("rest.answer.key: sending many at once needs our id in each item of the answer.")
        if not 1 <= self.bulk_size <= 1000:
            raise ValueError("rest.bulk_size: it must be from 1 to 1000.")
        if unknown := [name for name in self.fields if name not in CONTACT_API]:
            raise ValueError(f"rest.fields: there is no field {unknown[0]!r}; we have {', '.join(CONTACT_API)}.")
        if not self.answer.id:
            raise ValueError("rest.answer.id: say where the CRM's own id is; without it nothing counts as delivered.")

    def token(self) -> str:
        """
        The credential; empty where none is set up.

        Raises:
            ValueError: it is set up, and cannot be had.
        """
        if self.token_env:
            if token := os.environ.get(self.token_env, "").strip():
                return token
            raise ValueError(f"rest.token_env: the environment has no variable {self.token_env}.")
        return read_secret(Path(self.token_file).expanduser()) if self.token_file else ""


@dataclass(frozen=True, slots=True)
class CrmSettings:
    """The `[crm]` table."""

    connector: Literal["practice", "rest"] = "practice"
    """`practice` is the practice CRM on this device; `rest` is any JSON API, described in `[crm.rest]`."""
    rest: RestSettings = field(default_factory=RestSettings)

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        if self.connector == "rest":
            self.rest.check()


def check_url(key: str, url: str) -> None:
    """Raise ValueError unless personal data may be sent to *url*: by HTTPS, or without leaving this network."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{key}: {url!r} is not a URL ({error}).") from error
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError(f"{key}: {url!r} is not a URL that begins with https:// and names a host.")
    if parts.username or parts.password:
        raise ValueError(f"{key}: secrets do not belong into a URL; use token_env or token_file.")
    if parts.scheme == "http" and not is_near(host):
        raise ValueError(f"{key}: {host} would get personal data unencrypted; use https://.")


def origin(url: str) -> tuple[str, str | None, int | None]:
    """What must stay the same for personal data to be sent on: scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def is_near(host: str) -> bool:
    """Whether *host* is this device or an address of its own network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def read_secret(path: Path) -> str:
    """
    The one line in *path*.

    Raises:
        ValueError: it is empty, cannot be read, or others can read it.
    """
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ValueError(f"rest.token_file: others can read {path}; run: chmod 600 {path}")
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"rest.token_file: {path} cannot be read ({error}).") from error
    if not secret or not secret.isprintable():
        raise ValueError(f"rest.token_file: {path} must hold the token and nothing else.")
    return secret
