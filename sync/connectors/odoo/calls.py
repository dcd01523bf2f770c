"""Calling a method of an Odoo model: one interface, two ways of speaking."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from sync.answers import document_of, refusal, understood
from sync.connectors.odoo.errors import meaning, name_in, words_in
from sync.errors import NotAuthorised, SetUpFault, SyncError, Unsure
from sync.http import Answer, Http
from sync.line import Line
from sync.pace import Rate
from sync.settings.odoo import OdooSettings

PROXY_S = (408, 413, 429, 502, 503, 504)
"""Statuses that what stands before Odoo gives, and that mean the same whoever does."""


class Calls(Protocol):
    """An Odoo that methods can be called of."""

    http: Http

    async def call(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """
        What *method* of *model* returns, of the records *ids* where there are any.

        Raises:
            SyncError: it returned nothing.
        """
        ...

    async def version(self) -> str:
        """
        Odoo's own version, such as `17.0`.

        Raises:
            SyncError: it could not be asked.
        """
        ...


class JsonRpc:
    """Before Odoo 19: `/jsonrpc`, where the key goes in the body, after a call that finds out the user's number."""

    def __init__(self, settings: OdooSettings, line: Line) -> None:
        self.settings = settings
        self.http = connection(settings, line)
        self.url = f"{settings.url.rstrip('/')}/jsonrpc"
        self.user = 0
        """Of the login; 0 until Odoo was asked."""

    async def call(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """See `Calls.call`; a user's number that Odoo does not take is found out anew, once."""
        positional = [] if ids is None else [list(ids)]
        was_known = bool(self.user)
        try:
            return await self.as_user(model, method, positional, arguments)
        except NotAuthorised:
            self.user = 0
            if not was_known:
                raise
        return await self.as_user(model, method, positional, arguments)

    async def as_user(self, model: str, method: str, positional: list[Any], named: Mapping[str, Any]) -> Any:
        """One call, signed in."""
        key = self.key()
        if not self.user:
            found = await self.service("common", "authenticate", self.settings.login, key, {})
            if not isinstance(found, int) or not found:
                raise meaning("AccessDenied", "")
            self.user = found
        return await self.service("object", "execute_kw", self.user, key, model, method, positional, dict(named))

    async def service(self, service: str, method: str, *arguments: Any) -> Any:
        """One call to the *method* of a service, which all take the database first."""
        return await self.ask(service, method, [self.settings.database, *arguments])

    async def ask(self, service: str, method: str, arguments: list[Any]) -> Any:
        """
        One call.

        Raises:
            SyncError: Odoo says no, or nothing that it would say.
        """
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = await self.http.send("POST", self.url, body, secrets=[self.key()])
        if wrong := wrong_address(answer, self.settings):
            raise wrong
        document = understood(answer)
        if not isinstance(document, Mapping) or document.get("jsonrpc") != "2.0":
            raise Unsure("This is not how Odoo answers.")
        if (error := document.get("error")) is not None:
            raise meaning(name_in(error), words_in(error))
        if "result" not in document:
            raise Unsure("Odoo's answer is empty.")
        return document["result"]

    async def version(self) -> str:
        """See `Calls.version`."""
        found = await self.ask("common", "version", [])
        return str(found.get("server_version", "")) if isinstance(found, Mapping) else ""

    def key(self) -> str:
        """
        The API key.

        Raises:
            NotAuthorised: it cannot be had.
        """
        try:
            return self.settings.token.read()
        except ValueError as error:
            raise NotAuthorised(f"The key for Odoo cannot be had: {error}") from error


class Json2:
    """From Odoo 19 on: a URL for each method, the key in a header, errors with statuses."""

    def __init__(self, settings: OdooSettings, line: Line) -> None:
        self.settings = settings
        self.http = connection(settings, line, with_key=True)
        self.url = settings.url.rstrip("/")

    async def call(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """See `Calls.call`."""
        body = {**arguments, **({} if ids is None else {"ids": list(ids)})}
        answer = await self.http.send("POST", f"{self.url}/json/2/{model}/{method}", body)
        if 200 <= answer.status < 300:
            return document_of(answer)
        raise self.refused(answer)

    def refused(self, answer: Answer) -> SyncError:
        """What an answer means that says no: by the exception's name where Odoo itself gave it, else by its status."""
        if wrong := wrong_address(answer, self.settings):
            return wrong
        try:
            name = name_in(document := answer.json())
        except ValueError:
            return refusal(answer)
        is_odoo_s = bool(name) and answer.status not in PROXY_S
        return meaning(name, words_in(document)) if is_odoo_s else refusal(answer)

    async def version(self) -> str:
        """See `Calls.version`; this address is younger than JSON-RPC, so an older Odoo does not know it."""
        answer = await self.http.send("GET", f"{self.url}/web/version")
        if answer.status == 404:
            raise SetUpFault('CRM set-up: no Odoo 19 is there: correct url, or set api = "jsonrpc" for an older one.')
        if not 200 <= answer.status < 300:
            raise self.refused(answer)
        found = document_of(answer)
        return str(found.get("version", "")) if isinstance(found, Mapping) else ""


def connection(settings: OdooSettings, line: Line, *, with_key: bool = False) -> Http:
    """The way to the Odoo of *settings*."""

    def secret() -> dict[str, str]:
        return {"Authorization": f"bearer {settings.token.read()}"} if with_key else {}

    headers = {"Accept": "application/json"}
    if with_key and settings.database:
        headers["X-Odoo-Database"] = settings.database
    pace = line.pace("odoo", Rate(settings.max_calls, settings.per_seconds))
    return Http(settings.url, headers, secret=secret, line=line, pace=pace)


def wrong_address(answer: Answer, settings: OdooSettings) -> SetUpFault | None:
    """How Odoo says that there is no such Odoo, or not which of its databases is meant; None where it says neither."""
    place = urlsplit(answer.headers.get("location", ""))
    is_odoo_com = (place.hostname or "").lower() in ("odoo.com", "www.odoo.com")
    if 300 <= answer.status < 400 and is_odoo_com:
        return SetUpFault(f"CRM set-up: there is no Odoo called {urlsplit(settings.url).hostname}: correct url.")
    is_chooser = 300 <= answer.status < 400 and place.path.startswith("/web/database")
    if is_chooser or (answer.status == 404 and answer.is_html and not answer.is_portal and not settings.database):
        return SetUpFault(
            "CRM set-up: Odoo has no such address there, or several databases and does not know which one: "
            "correct url, or name the database in [crm.odoo] database."
        )
    return None
