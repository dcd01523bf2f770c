"""What is posted to a receiver of your own, and the headers that prove that it is ours; see docs/webhook.md."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from sync.settings.secret import Secret


def encode_body(document: Mapping[str, Any]) -> bytes:
    """*document* as it is sent, and signed."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def build_headers(key: str, sent_at: int, body: bytes, secret: Secret | None = None) -> dict[str, str]:
    """
    The headers for *body*: by *key* a receiver knows it again; signed where there is a *secret*.

    Raises:
        ValueError: the secret cannot be had.
    """
    found = {"Idempotency-Key": key, "X-Booth-Timestamp": str(sent_at)}
    if secret is not None and secret.is_set:
        digest = hmac.new(secret.read().encode(), body, hashlib.sha256).hexdigest()
        found["X-Booth-Signature"] = f"sha256={digest}"
    return found
