"""Calls methods of Odoo's models: one interface, `OdooApi`, for JSON-RPC and for JSON-2."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from data.language import _
from sync.connection_context import ConnectionContext
from sync.connectors.odoo.errors import classify_exception, find_exception_message, find_exception_name
from sync.errors import ConfigurationFault, NotAuthorised, OutcomeUnknown, SyncError
from sync.http_client import CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.response_errors import classify_error_response, parse_json_body, parse_success
from sync.settings.odoo import OdooSettings

# Statuses from a proxy in front of Odoo, which mean the same for every CRM.
_PROXY_STATUSES = (408, 413, 429, 502, 503, 504)


class OdooApi(Protocol):
    """A connection to one Odoo."""

    http: HttpClient

    async def call_method(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """
        Call *method* of *model*, on the records *ids* if there are any, and return its result.

        Raises:
            SyncError: there was no result.
        """
        ...

    async def fetch_version(self) -> str:
        """
        Return Odoo's version, such as `17.0`.

        Raises:
            SyncError: Odoo could not be reached.
        """
        ...


class JsonRpcApi:
    """Up to Odoo 19: `/jsonrpc`, with the key in the body, after a call that finds the user's id."""

    def __init__(self, settings: OdooSettings, context: ConnectionContext) -> None:
        self.settings = settings
        self.http = _open_http(settings, context)
        self.url = f"{settings.url.rstrip('/')}/jsonrpc"
        self.user_id = 0
        """The id of the user who signs in; 0 until Odoo has returned it."""

    async def call_method(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """See `OdooApi.call_method`; a user id that Odoo does not accept is looked up again, once."""
        positional = [] if ids is None else [list(ids)]
        # A user id from an earlier sign-in may be out of date; one that was just looked up is not asked for again.
        was_known = bool(self.user_id)
        try:
            return await self._call_signed_in(model, method, positional, arguments)
        except NotAuthorised:
            self.user_id = 0
            if not was_known:
                raise
        return await self._call_signed_in(model, method, positional, arguments)

    async def _call_signed_in(self, model: str, method: str, positional: list[Any], named: Mapping[str, Any]) -> Any:
        """Make one call with the user's id and key."""
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
        """Call *method* of *service*; all of them take the database first."""
        return await self.send_request(service, method, [self.settings.database, *arguments])

    async def send_request(self, service: str, method: str, arguments: list[Any]) -> Any:
        """
        Make one call, and return its result.

        Raises:
            SyncError: Odoo refuses it, or this is not a response of Odoo's.
        """
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        response = await self.http.send("POST", self.url, body, secrets=[self.read_key()])
        if wrong := _detect_wrong_address(response, self.settings):
            raise wrong
        document = parse_success(response)
        if not isinstance(document, Mapping) or document.get("jsonrpc") != "2.0":
            raise OutcomeUnknown(_("This response is not from Odoo."))
        if (error := document.get("error")) is not None:
            raise classify_exception(find_exception_name(error), find_exception_message(error))
        if "result" not in document:
            raise OutcomeUnknown(_("Odoo's response is empty."))
        return document["result"]

    async def fetch_version(self) -> str:
        """See `OdooApi.fetch_version`."""
        found = await self.send_request("common", "version", [])
        return str(found.get("server_version", "")) if isinstance(found, Mapping) else ""

    def read_key(self) -> str:
        """
        Return the API key.

        Raises:
            NotAuthorised: the key is unavailable.
        """
        try:
            return self.settings.token.read()
        except ValueError as error:
            raise NotAuthorised(_("The key for Odoo is unavailable: {reason}").format(reason=error)) from error


class Json2Api:
    """Odoo 19 and later: a URL for each method, the key in a header, errors with HTTP statuses."""

    def __init__(self, settings: OdooSettings, context: ConnectionContext) -> None:
        self.settings = settings
        self.http = _open_http(settings, context, sends_key_header=True)
        self.url = settings.url.rstrip("/")

    async def call_method(self, model: str, method: str, ids: Sequence[int] | None = None, /, **arguments: Any) -> Any:
        """See `OdooApi.call_method`."""
        body = {**arguments, **({} if ids is None else {"ids": list(ids)})}
        response = await self.http.send("POST", f"{self.url}/json/2/{model}/{method}", body)
        if 200 <= response.status < 300:
            return parse_json_body(response)
        raise self.classify_refusal(response)

    def classify_refusal(self, response: CrmResponse) -> SyncError:
        """Return the error for a refusal: by the exception's name if Odoo itself gave one, else by its status."""
        if wrong := _detect_wrong_address(response, self.settings):
            return wrong
        try:
            name = find_exception_name(document := response.json())
        except ValueError:
            return classify_error_response(response)
        is_from_odoo = bool(name) and response.status not in _PROXY_STATUSES
        return (
            classify_exception(name, find_exception_message(document))
            if is_from_odoo
            else classify_error_response(response)
        )

    async def fetch_version(self) -> str:
        """See `OdooApi.fetch_version`. An Odoo before 19 does not have this address."""
        response = await self.http.send("GET", f"{self.url}/web/version")
        if response.status == 404:
            raise ConfigurationFault(
                _('CRM setup: there is no Odoo 19: correct url, or set api = "jsonrpc" for an older one.')
            )
        if not 200 <= response.status < 300:
            raise self.classify_refusal(response)
        found = parse_json_body(response)
        return str(found.get("version", "")) if isinstance(found, Mapping) else ""


def _open_http(settings: OdooSettings, context: ConnectionContext, *, sends_key_header: bool = False) -> HttpClient:
    """Open a connection to the Odoo of *settings*."""

    def build_auth_header() -> dict[str, str]:
        return {"Authorization": f"bearer {settings.token.read()}"} if sends_key_header else {}  # not shown: a header

    headers = {"Accept": "application/json"}
    if sends_key_header and settings.database:
        headers["X-Odoo-Database"] = settings.database
    limiter = context.make_rate_limiter("odoo", Rate(settings.max_calls, settings.per_seconds))
    return HttpClient(settings.url, headers, secret_headers=build_auth_header, context=context, rate_limiter=limiter)


def _detect_wrong_address(response: CrmResponse, settings: OdooSettings) -> ConfigurationFault | None:
    """Return the fault if *response* says that there is no such Odoo, or asks which database is meant."""
    place = urlsplit(response.headers.get("location", ""))
    is_odoo_com = (place.hostname or "").lower() in ("odoo.com", "www.odoo.com")
    if 300 <= response.status < 400 and is_odoo_com:
        return ConfigurationFault(
            _("CRM setup: there is no Odoo at {host}: correct url.").format(host=urlsplit(settings.url).hostname)
        )
    is_chooser = 300 <= response.status < 400 and place.path.startswith("/web/database")
    if is_chooser or (
        response.status == 404 and response.is_html and not response.is_captive_portal and not settings.database
    ):
        return ConfigurationFault(
            _(
                "CRM setup: Odoo has no such address, or it has several databases and does not know which one is "
                "meant: correct url, or name the database in [crm.odoo] database."
            )
        )
    return None
