"""
The signature of what is posted to a receiver: the *Standard Webhooks* format, for leads and alerts alike.

A receiver checks it with one of that project's libraries, or as docs/webhook.md shows.
"""

import binascii
import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from data.language import _
from sync.settings.secret import Secret

# Marks a secret whose rest is the key in Base64. Any other secret is the key as it stands.
_SECRET_PREFIX = "whsec_"


def encode_body(document: Mapping[str, Any]) -> bytes:
    """Encode *document* as compact JSON: the exact bytes that are signed and sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def build_headers(message_id: str, sent_at: int, body: bytes, secret: Secret | None = None) -> dict[str, str]:
    """
    Build the headers for *body*, signed if there is a *secret*.

    *message_id* stays the same when a message is posted again, so that a receiver can recognise it; *sent_at* is in
    seconds since 1970.

    Raises:
        ValueError: the secret is unavailable, or is not a key.
    """
    headers = {"webhook-id": message_id, "webhook-timestamp": str(sent_at), "Idempotency-Key": message_id}
    # The X-Booth-* headers are older than this format. Receivers have one more version to change over.
    headers["X-Booth-Timestamp"] = str(sent_at)
    if secret is not None and secret.is_set:
        text = secret.read()
        headers["webhook-signature"] = sign(message_id, sent_at, body, text)
        headers["X-Booth-Signature"] = f"sha256={hmac.new(text.encode(), body, hashlib.sha256).hexdigest()}"
    return headers


def sign(message_id: str, sent_at: int, body: bytes, secret: str) -> str:
    """
    Return the value of `webhook-signature`.

    Raises:
        ValueError: *secret* begins with `whsec_`, and the rest is not Base64.
    """
    # The id and the time are signed together with the body, so that nobody can repeat an old message as a new one.
    signed = f"{message_id}.{sent_at}.".encode() + body
    digest = hmac.new(_decode_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{b64encode(digest).decode()}"


def _decode_key(secret: str) -> bytes:
    """
    Return the key in *secret*.

    Raises:
        ValueError: it is not Base64.
    """
    if not secret.startswith(_SECRET_PREFIX):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(_("what follows whsec_ in the secret is not Base64")) from error
