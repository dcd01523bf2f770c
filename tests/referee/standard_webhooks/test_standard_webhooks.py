"""The Standard Webhooks project's own verifier checks what the kiosk signs, as a receiver would."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sync.settings.secret import Secret
from sync.webhook_signature import build_headers, encode_body

pytestmark = pytest.mark.referee

standardwebhooks = pytest.importorskip("standardwebhooks")

PLAIN = "a secret of some length"
PREFIXED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

DOCUMENTS: list[dict[str, Any]] = [
    {"batch_id": "0199", "leads": [{"lead_id": "1", "name": "Zoë 株式会社 \u2028 😀", "note": "half \ud83d"}]},
    {"batch_id": "check-1", "leads": []},
    {"alert_id": "0199", "state": "raised", "sentence": "The disk is almost full: 412 MB are left."},
]


def sign(document: dict[str, Any], secret: str, folder: Path, age: int = 0) -> tuple[dict[str, str], bytes]:
    """Headers and body as the kiosk posts them, *age* seconds ago."""
    path = folder / "secret"
    path.write_text(secret, encoding="utf-8")
    path.chmod(0o600)
    body = encode_body(document)
    return build_headers("0199-message", int(time.time()) - age, body, Secret("webhook.secret", "", str(path))), body


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize(("secret", "key"), [(PLAIN, PLAIN.encode()), (PREFIXED, PREFIXED)], ids=["raw", "whsec"])
def test_the_reference_verifier_accepts_our_calls(
    tmp_path: Path, document: dict[str, Any], secret: str, key: str | bytes
) -> None:
    """For every kind of document, with a raw secret and with one in Base64."""
    headers, body = sign(document, secret, tmp_path)

    assert standardwebhooks.Webhook(key).verify(body, headers) == json.loads(body)


@pytest.mark.parametrize("change", ["body", "id", "timestamp", "secret", "age"])
def test_it_refuses_what_was_changed(tmp_path: Path, change: str) -> None:
    """The signature covers the id, the time and the body."""
    headers, body = sign(DOCUMENTS[1], PREFIXED, tmp_path, age=3600 if change == "age" else 0)
    key = "whsec_" + "A" * 32 if change == "secret" else PREFIXED
    if change in ("id", "timestamp"):
        headers[f"webhook-{change}"] = str(int(time.time()) - 1) if change == "timestamp" else "another"

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(key).verify(body + b" " if change == "body" else body, headers)
