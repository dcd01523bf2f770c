"""Calling a method of an Odoo model: one interface, two ways of speaking."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from sync.connection_context import ConnectionContext
from sync.connectors.odoo.errors import classify_exception, find_exception_message, find_exception_name
from sync.errors import ConfigurationFault, NotAuthorised, OutcomeUnknown, SyncError
from sync.http_client import CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.response_errors import classify_error_response, parse_json_body, parse_success
from sync.settings.odoo import OdooSettings

_PROXY_STATUSES = (408, 413, 429, 502, 503, 504)
"""Statuses that what stands before Odoo gives, and that mean the same whoever does."""


class OdooApi(Protocol):
    """An Odoo that methods can be called of."""

    http: HttpClient

    async def call_method(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """
        What *method* of *model* returns, of the records *ids* where there are any.

        Raises:
            SyncError: it returned nothing.
        """
        ...

    async def fetch_version(self) -> str:
        """
        Odoo's own version, such as `17.0`.

        Raises:
            SyncError: it could not be asked.
        """
        ...


class JsonRpcApi:
    """Before Odoo 19: `/jsonrpc`, where the key goes in the body, after a call that finds out the user's number."""

    def __init__(self, settings: OdooSettings, context: ConnectionContext) -> None:
        self.settings = settings
        self.http = open_http(settings, context)
        self.url = f"{settings.url.rstrip('/')}/jsonrpc"
        self.user_id = 0
        """Of the login; 0 until Odoo was asked."""

    async def call_method(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """See `Calls.call`; a user's number that Odoo does not take is found out anew, once."""
        positional = [] if ids is None else [list(ids)]
        was_known = bool(self.user_id)
        try:
            return await self._call_signed_in(model, method, positional, arguments)
        except NotAuthorised:
            self.user_id = 0
            if not was_known:
                raise
        return await self._call_signed_in(model, method, positional, arguments)

    async def _call_signed_in(self, model: str, method: str, positional: list[Any], named: Mapping[str, Any]) -> Any:
        """One call, signed in."""
        key = self.read_key()
        if not self.user_id:
            found = await self.call_service("common", "authenticate", self.settings.login, key, {})
            if not isinstance(found, int) or not found:
                raise classify_exception("AccessDenied", "")
            self.user_id = found
        return await self.call_service(
            "object", "execute_kw", self.user_id, key, model, method, positional, dict(named)
        )

    async def call_service(self, service: str, method: str, *arguments: Any) -> Any:
        """One call to the *method* of a service, which all take the database first."""
        return await self.send_request(service, method, [self.settings.database, *arguments])

    async def send_request(self, service: str, method: str, arguments: list[Any]) -> Any:
        """
        One call.

        Raises:
            SyncError: Odoo says no, or nothing that it would say.
        """
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = await self.http.send("POST", self.url, body, secrets=[self.read_key()])
        if wrong := _detect_wrong_address(answer, self.settings):
            raise wrong
        document = parse_success(answer)
        if not isinstance(document, Mapping) or document.get("jsonrpc") != "2.0":
            raise OutcomeUnknown("This is not how Odoo answers.")
        if (error := document.get("error")) is not None:
            raise classify_exception(find_exception_name(error), find_exception_message(error))
        if "result" not in document:
            raise OutcomeUnknown("Odoo's answer is empty.")
        return document["result"]

    async def fetch_version(self) -> str:
        """See `Calls.version`."""
        found = await self.send_request("common", "version", [])
        return str(found.get("server_version", "")) if isinstance(found, Mapping) else ""

    def read_key(self) -> str:
        """
        The API key.

        Raises:
            NotAuthorised: it cannot be had.
        """
        try:
            return self.settings.token.read()
        except ValueError as error:
            raise NotAuthorised(f"The key for Odoo cannot be had: {error}") from error


class Json2Api:
    """From Odoo 19 on: a URL for each method, the key in a header, errors with statuses."""

    def __init__(self, settings: OdooSettings, context: ConnectionContext) -> None:
        self.settings = settings
        self.http = open_http(settings, context, sends_key_header=True)
        self.url = settings.url.rstrip("/")

    async def call_method(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """See `Calls.call`."""
        body = {**arguments, **({} if ids is None else {"ids": list(ids)})}
        answer = await self.http.send("POST", f"{self.url}/json/2/{model}/{method}", body)
        if 200 <= answer.status < 300:
            return parse_json_body(answer)
        raise self.classify_refusal(answer)

    def classify_refusal(self, answer: CrmResponse) -> SyncError:
        """What an answer means that says no: by the exception's name where Odoo itself gave it, else by its status."""
        if wrong := _detect_wrong_address(answer, self.settings):
            return wrong
        try:
            name = find_exception_name(document := answer.json())
        except ValueError:
            return classify_error_response(answer)
        is_odoo_s = bool(name) and answer.status not in _PROXY_STATUSES
        return (
            classify_exception(name, find_exception_message(document)) if is_odoo_s else classify_error_response(answer)
        )

    async def fetch_version(self) -> str:
        """See `Calls.version`; this address is younger than JSON-RPC, so an older Odoo does not know it."""
        answer = await self.http.send("GET", f"{self.url}/web/version")
        if answer.status == 404:
            raise ConfigurationFault(
                'CRM set-up: no Odoo 19 is there: correct url, or set api = "jsonrpc" for an older one.'
            )
        if not 200 <= answer.status < 300:
            raise self.classify_refusal(answer)
        found = parse_json_body(answer)
        return str(found.get("version", "")) if isinstance(found, Mapping) else ""


def open_http(settings: OdooSettings, context: ConnectionContext, *, sends_key_header: bool = False) -> HttpClient:
    """The way to the Odoo of *settings*."""

    def secret() -> dict[str, str]:
        return {"Authorization": f"bearer {settings.token.read()}"} if sends_key_header else {}

    headers = {"Accept": "application/json"}
    if sends_key_header and settings.database:
        headers["X-Odoo-Database"] = settings.database
    pace = context.make_rate_limiter("odoo", Rate(settings.max_calls, settings.per_seconds))
    return HttpClient(settings.url, headers, secret_headers=secret, context=context, rate_limiter=pace)


def _detect_wrong_address(answer: CrmResponse, settings: OdooSettings) -> ConfigurationFault | None:
    """How Odoo says that there is no such Odoo, or not which of its databases is meant; None where it says neither."""
    place = urlsplit(answer.headers.get("location", ""))
    is_odoo_com = (place.hostname or "").lower() in ("odoo.com", "www.odoo.com")
    if 300 <= answer.status < 400 and is_odoo_com:
        return ConfigurationFault(
            f"CRM set-up: there is no Odoo called {urlsplit(settings.url).hostname}: correct url."
        )
    is_chooser = 300 <= answer.status < 400 and place.path.startswith("/web/database")
    if is_chooser or (
        answer.status == 404 and answer.is_html and not answer.is_captive_portal and not settings.database
    ):
        return ConfigurationFault(
            "CRM set-up: Odoo has no such address there, or several databases and does not know which one: "
            "correct url, or name the database in [crm.odoo] database."
        )
    return None
