"""
The errors that Odoo's exceptions mean.

The exception's name decides, because JSON-RPC answers 200 to everything, and JSON-2 answers 500 to much.
"""

import re
from collections.abc import Mapping
from typing import Any

from data.language import _
from sync.crm_messages import clean_message
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, SyncError, Throttled

# The last part of the exceptions' names, by what is at fault.
_AUTHENTICATION_ERRORS = ("AccessDenied", "Unauthorized", "SessionExpiredException")
_PERMISSION_ERRORS = ("AccessError", "Forbidden")
_VALIDATION_ERRORS = ("ValidationError", "UserError", "RedirectWarning", "except_orm", "UnprocessableEntity")
_LOOKUP_ERRORS = ("MissingError", "KeyError", "NotFound", "AttributeError", "MethodNotAllowed", "BadRequest")

# Time to wait after too many failed sign-ins from this address: that says nothing about the key.
_SIGN_IN_COOLDOWN_SECONDS = 60.0

# Messages by which Odoo says that a model, or PostgreSQL that a database, does not exist, whatever the exception.
_MISSING_OBJECT_PATTERN = re.compile(r"Object \S+ doesn't exist|\bdatabase \S+ does not exist")

# PostgreSQL's messages for temporary problems. An import reports them as if a row were bad.
TRANSIENT_PATTERN = re.compile(
    r"could not serialize|concurrent update|deadlock|could not obtain lock|lock time-?out|too many clients"
    r"|current transaction is aborted|canceling statement|\b(40001|40P01|55P03|57014)\b|SerializationFailure"
    # PostgreSQL reports in the language of its server.
    r"|serialisieren|gleichzeitiger? Aktualisierung|Verklemmung|keine Sperre|Transaktion wurde abgebrochen"
    r"|sérialiser|interblocage|verrou|se pudo serializar|actualización concurrente|interbloqueo|bloqueo mutuo"
    r"|serializzare|aggiornamento concorrente|stallo|serializar o acesso|atualização concorrente|impasse"
    r"|serialiseren|gelijktijdige",
    re.IGNORECASE,
)

# A model's name and nothing else: the text of a `KeyError` about a model that is not loaded yet, or not installed.
_MODEL_NAME_PATTERN = re.compile(r"[\"']?[a-z_0-9]+(\.[a-z_0-9]+)+[\"']?\.?")


def classify_exception(name: str, message: Any) -> SyncError:
    """Return the error for Odoo's exception *name*, such as `odoo.exceptions.AccessError`."""
    reason = format_reason(message)
    kind = name.rpartition(".")[2]
    if kind in _AUTHENTICATION_ERRORS and "too many" in reason.casefold():  # not shown: Odoo's words
        return Throttled(
            _("Odoo counted too many failed sign-ins and asked the kiosk to wait."),
            retry_after=_SIGN_IN_COOLDOWN_SECONDS,
        )
    if kind in _AUTHENTICATION_ERRORS:
        return NotAuthorised(_("Odoo does not accept the key: create a new one, and sending resumes automatically."))
    if kind in _PERMISSION_ERRORS:
        return ConfigurationFault(
            _("CRM setup: the user of this key is not allowed to do that in Odoo: {message}").format(message=reason)
        )
    if kind == "KeyError" and _MODEL_NAME_PATTERN.fullmatch(reason):
        model = reason.strip("\"'.")
        return CrmDown(
            _("Odoo does not know {model} right now: it is starting, or the app for it is not installed.").format(
                model=model
            )
        )
    if TRANSIENT_PATTERN.search(reason):
        return CrmDown(_("Odoo is having trouble: {message}").format(message=reason))
    if kind in _LOOKUP_ERRORS or _MISSING_OBJECT_PATTERN.search(reason):
        return ConfigurationFault(
            _("CRM setup: Odoo does not have what kiosk.toml names: {message}").format(message=reason)
        )
    if kind in _VALIDATION_ERRORS:
        return BatchRefused(_("Odoo rejected it: {message}").format(message=reason), code=kind)
    return CrmDown(_("Odoo is having trouble: {message}").format(message=reason))


def format_reason(message: Any) -> str:
    """Return Odoo's *message*, ending with punctuation."""
    reason = clean_message(message) or _("it gives no reason")
    return reason if reason.endswith((".", "!", "?", "…")) else f"{reason}."


def find_exception_name(error: Any) -> str:
    """Return the exception's name in *error*: a whole JSON-2 response, or the error part of a JSON-RPC response."""
    if not isinstance(error, Mapping):
        return ""
    data = error.get("data", error)
    name = data.get("name") if isinstance(data, Mapping) else None
    if isinstance(name, str) and name:
        return name
    return {404: "NotFound", 100: "SessionExpiredException"}.get(error.get("code", 0), "")


def find_exception_message(error: Any) -> Any:
    """Return the exception's message, from the same places."""
    if not isinstance(error, Mapping):
        return error
    data = error.get("data")
    return (data.get("message") if isinstance(data, Mapping) else None) or error.get("message")
