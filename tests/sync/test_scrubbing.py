"""Our secrets in what a CRM says: however they are escaped, nothing of ours ever holds them."""

import base64
import html
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.connection_context import ConnectionContext
from sync.connectors.practice import build_practice_settings
from sync.connectors.rest.connector import RestConnector
from sync.scrubbing import find_header_secrets, find_url_secrets, scrub_document, scrub_text
from sync.settings.network import NetworkSettings
from tests.sync.matrix.fake_crm import FakeCrm, respond_with
from tests.sync.matrix.kiosk_under_test import Kiosk
from tests.sync.matrix.wire import build_response

KEY = "SECRET-token/9081726354+x="

ESCAPED = {
    "as it is": KEY,
    "PHP's slash": KEY.replace("/", "\\/"),
    "unicode slash": KEY.replace("/", "\\u002f"),
    "all unicode": "".join(f"\\u{ord(c):04x}" for c in KEY),
    "unicode, in capitals": "".join(f"\\u{ord(c):04X}" for c in KEY),
    "escaped twice": KEY.replace("/", "\\\\/"),
    "percent": quote(KEY, safe=""),
    "percent, small": quote(KEY, safe="").lower().replace("secret", "SECRET"),
    "percent, twice": quote(quote(KEY, safe=""), safe=""),
    "form": quote_plus(KEY),
    "HTML": html.escape(KEY).replace("/", "&#x2F;").replace("+", "&plus;").replace("=", "&#61;"),
    "HTML, twice": KEY.replace("/", "&amp;#47;"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64, of a name and it": base64.b64encode(f"booth:{KEY}".encode()).decode(),
    "base64, of a longer name": base64.b64encode(f"booths:{KEY}".encode()).decode(),
    "base64, for URLs": base64.urlsafe_b64encode(f"b:{KEY}".encode()).decode(),
    "hex": KEY.encode().hex(),
    "small letters": KEY.lower(),
}

SHAPES = {
    "an error": '{{"error": "token {} may not"}}',
    "a list of errors": '{{"errors": [{{"message": "no: {}"}}]}}',
    "a name": '{{"errors": {{"{}": "is not known"}}}}',
    "text": "token {} may not",
}


@pytest.fixture
def crm() -> Iterator[FakeCrm]:
    """A CRM."""
    made = FakeCrm()
    yield made
    made.stop()


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    """A kiosk."""
    made = Kiosk(tmp_path)
    yield made
    made.close()


def make_connector(url: str) -> RestConnector:
    """One lead a call, with that key."""
    settings = replace(build_practice_settings(url), bulk_url="", max_calls=0, at_once=1)
    return RestConnector(settings, ConnectionContext(NetworkSettings(proxy="none")), read_token=lambda: KEY)


def dump_database(kiosk: Kiosk) -> str:
    """All that the database holds, as text."""
    return "\n".join(kiosk.db.conn.iterdump())


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("said", ESCAPED.values(), ids=ESCAPED.keys())
@pytest.mark.parametrize("status", ["422 Unprocessable Entity", "403 Forbidden"])
def test_no_way_of_writing_it_reaches_the_database(
    kiosk: Kiosk, crm: FakeCrm, status: str, said: str, shape: str
) -> None:
    """Neither the lead's reason, nor the receipt, nor the gate; the other words are kept."""
    body = shape.format(said).encode()
    crm.fault = respond_with(
        build_response(
            status, body, "Content-Type: " + ("text/plain" if shape == SHAPES["text"] else "application/json")
        )
    )
    kiosk.add_leads(1)
    kiosk.use_connector(make_connector(crm.url))

    summary = kiosk.drain()

    kept = dump_database(kiosk) + str(summary)
    assert [part for part in (KEY, "9081726354", said) if part.casefold() in kept.casefold()] == []
    assert "***" in kept


def test_headers_are_scrubbed(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Where a redirect leads, and a reason in a header (EspoCRM)."""
    crm.fault = respond_with(
        build_response("400 Bad Request", b"", f"X-Status-Reason: {quote(KEY, safe='')} is not known")
    )
    kiosk.add_leads(1)
    kiosk.use_connector(make_connector(crm.url))

    kiosk.drain()

    assert kiosk.read_reason(kiosk.leads[0]) == "The CRM rejected it: *** is not known."
    assert "9081726354" not in dump_database(kiosk)


def test_basic_authentication_has_three_secrets() -> None:
    """The header, what it stands for, and the password alone."""
    value = "Basic " + base64.b64encode(b"booth:open-sesame-1").decode()

    found = scrub_text(f"{value[6:]} booth:open-sesame-1 open-sesame-1", find_header_secrets({"Authorization": value}))

    assert found == "*** *** ***"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40), st.booleans())
def test_any_secret_is_found_in_json(secret: str, ascii_only: bool) -> None:
    """Whatever is in it, once JSON is decoded."""
    body = json.dumps({"error": f"key <{secret}> no", "deep": [{secret: secret}]}, ensure_ascii=ascii_only)

    found = scrub_document(json.loads(body.replace("/", "\\/")), (secret,))

    assert secret not in json.dumps(found, ensure_ascii=False)
    assert found["error"] == "key <***> no"


def test_a_key_in_the_address_is_hidden() -> None:
    """Pipedrive's `api_token`, and the password of a proxy or a receiver; what else is in a query is not."""
    found = find_url_secrets(
        "https://booth:open%20sesame@crm.example.com/v1?api_token=5f3c9a1e77&email=ana@example.com"
    )

    assert found == ("open sesame", "5f3c9a1e77")


def test_what_is_not_secret_stays() -> None:
    """A short word stands in any text by chance."""
    assert scrub_text("The e-mail is not valid: a@b.example", ("mail", KEY)) == "The e-mail is not valid: a@b.example"


@pytest.mark.parametrize("piece", ["\\", "\\u", "&", "&amp;", "&#0", "%", "%25", "&#x0", "0"])
def test_a_text_made_of_beginnings_is_read_in_a_moment(piece: str) -> None:
    """An answer of nothing but backslashes must not take the square of its length: nothing else is sent meanwhile."""
    text = piece * (300_000 // len(piece))

    assert scrub_text(text, (KEY,)) == text
