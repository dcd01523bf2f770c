"""What Odoo's exceptions mean: by their names, for JSON-RPC answers 200 to everything, and JSON-2 500 to much."""

import re
from collections.abc import Mapping
from typing import Any

from sync.crm_messages import clean_message
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, SyncError, Throttled

_AUTHENTICATION_ERRORS = ("AccessDenied", "Unauthorized", "SessionExpiredException")
_PERMISSION_ERRORS = ("AccessError", "Forbidden")
_VALIDATION_ERRORS = ("ValidationError", "UserError", "RedirectWarning", "except_orm", "UnprocessableEntity")
_LOOKUP_ERRORS = ("MissingError", "KeyError", "NotFound", "AttributeError", "MethodNotAllowed", "BadRequest")
"""The last part of the names of exceptions, by whose fault they are."""

_SIGN_IN_COOLDOWN_SECONDS = 60.0
"""To wait where Odoo takes no sign-in from this address for a while: that says nothing of the key."""

_MISSING_OBJECT_PATTERN = re.compile(r"Object \S+ doesn't exist|\bdatabase \S+ does not exist")
"""How Odoo says under other names that a model, or PostgreSQL that a database, is not there."""

TRANSIENT_PATTERN = re.compile(
    r"could not serialize|concurrent update|deadlock|could not obtain lock|lock time-?out|too many clients"
    r"|current transaction is aborted|canceling statement|\b(40001|40P01|55P03|57014)\b|SerializationFailure"
    # PostgreSQL says it in the language of its server.
    r"|serialisieren|gleichzeitiger? Aktualisierung|Verklemmung|keine Sperre|Transaktion wurde abgebrochen"
    r"|sérialiser|interblocage|verrou|se pudo serializar|actualización concurrente|interbloqueo|bloqueo mutuo"
    r"|serializzare|aggiornamento concorrente|stallo|serializar o acesso|atualização concorrente|impasse"
    r"|serialiseren|gelijktijdige",
    re.IGNORECASE,
)
"""What PostgreSQL says of troubles that are over soon; an import reports them as if a row were bad."""

_MODEL_NAME_PATTERN = re.compile(r"[\"']?[a-z_0-9]+(\.[a-z_0-9]+)+[\"']?\.?")
"""A model's name and nothing else: what a `KeyError` says of one that is not loaded yet, or not installed."""


def classify_exception(name: str, words: Any) -> SyncError:
    """The member of our family for Odoo's exception *name*, such as `odoo.exceptions.AccessError`."""
    said = format_reason(words)
    kind = name.rpartition(".")[2]
    if kind in _AUTHENTICATION_ERRORS and "too many" in said.casefold():
        return Throttled(
            "Odoo had too many sign-ins that failed, and asked us to wait.", retry_after=_SIGN_IN_COOLDOWN_SECONDS
        )
    if kind in _AUTHENTICATION_ERRORS:
        return NotAuthorised("Odoo does not accept our key: make a new one, and leads go on by themselves.")
    if kind in _PERMISSION_ERRORS:
        return ConfigurationFault(f"CRM set-up: the user of this key may not do that in Odoo: {said}")
    if kind == "KeyError" and _MODEL_NAME_PATTERN.fullmatch(said):
        model = said.strip("\"'.")
        return CrmDown(f"Odoo does not know {model} right now: it is starting, or the app for it is not installed.")
    if TRANSIENT_PATTERN.search(said):
        return CrmDown(f"Odoo is having trouble: {said}")
    if kind in _LOOKUP_ERRORS or _MISSING_OBJECT_PATTERN.search(said):
        return ConfigurationFault(f"CRM set-up: Odoo does not have what kiosk.toml names: {said}")
    if kind in _VALIDATION_ERRORS:
        return BatchRefused(f"Odoo refuses it: {said}", code=kind)
    return CrmDown(f"Odoo is having trouble: {said}")


def format_reason(words: Any) -> str:
    """What Odoo says, ending as a sentence does."""
    said = clean_message(words) or "it does not say why"
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def find_exception_name(error: Any) -> str:
    """The name of the exception in *error*: the whole answer of JSON-2, or the part of JSON-RPC's that is one."""
    if not isinstance(error, Mapping):
        return ""
    data = error.get("data", error)
    name = data.get("name") if isinstance(data, Mapping) else None
    if isinstance(name, str) and name:
        return name
    return {404: "NotFound", 100: "SessionExpiredException"}.get(error.get("code", 0), "")


def find_exception_message(error: Any) -> Any:
    """What it says, in the same places."""
    if not isinstance(error, Mapping):
        return error
    data = error.get("data")
    return (data.get("message") if isinstance(data, Mapping) else None) or error.get("message")
