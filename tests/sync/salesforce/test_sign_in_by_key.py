"""Signing in to Salesforce with a key: JWT bearer."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from sync.connectors.base import Delivered
from sync.connectors.salesforce import sign_in
from sync.errors import NotAuthorised
from sync.practice_crm.dialects.salesforce.sessions import CONSUMER_KEY, PUBLIC_KEY_FILE_NAME
from sync.settings.salesforce import SalesforceSettings
from tests.conftest import PracticeCrm
from tests.sync.salesforce.helpers import make_lead, push_leads
from tests.sync.salesforce.scripted_org import OrgResponse, ScriptedOrg


def test_the_assertion_is_signed_and_valid_for_three_minutes(
    org: ScriptedOrg, by_key: SalesforceSettings, keys: tuple[str, str]
) -> None:
    """It contains who we are, for whom we act, and the audience."""
    push_leads(by_key, [make_lead()])

    (asked,) = org.sign_ins
    assert asked.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(asked.form["assertion"], keys[1], ["RS256"], audience=org.url)
    assert (claims["iss"], claims["sub"]) == ("3MVG9-booth", "booth@initech.com")
    assert 60 < claims["exp"] - time.time() <= 180


def test_the_audience_is_a_setting(org: ScriptedOrg, by_key: SalesforceSettings, keys: tuple[str, str]) -> None:
    """Some orgs expect Salesforce's own host there."""
    push_leads(replace(by_key, audience="https://login.salesforce.com"), [make_lead()])

    (asked,) = org.sign_ins
    assert jwt.decode(asked.form["assertion"], keys[1], ["RS256"], audience="https://login.salesforce.com")


def encode_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> str:
    """Return *key* as text."""
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


@pytest.mark.parametrize("kind", ["words", "public", "ec", "short", "passphrase"])
def test_an_unsuitable_key_is_reported(
    org: ScriptedOrg, by_key: SalesforceSettings, keys: tuple[str, str], key_file: Path, kind: str
) -> None:
    """In one sentence that names the setting and shows nothing of the file."""
    texts: dict[str, Callable[[], str]] = {
        "words": lambda: "consumer secret",
        "public": lambda: keys[1],
        "ec": lambda: encode_pem(ec.generate_private_key(ec.SECP256R1())),
        "short": lambda: encode_pem(rsa.generate_private_key(65537, 1024)),
        "passphrase": lambda: encode_pem(rsa.generate_private_key(65537, 2048), b"open sesame"),
    }
    key_file.write_text(texts[kind](), encoding="utf-8")

    with pytest.raises(NotAuthorised) as caught:
        push_leads(by_key, [make_lead()])

    wanted = "must hold a private RSA key (PEM) of 2048 bits or more, without a passphrase."
    assert str(caught.value) == f"The key for the CRM is unavailable: salesforce.private_key_file: {wanted}"
    assert org.sign_ins == []


def test_a_key_that_others_can_read_is_not_used(org: ScriptedOrg, by_key: SalesforceSettings, key_file: Path) -> None:
    """The sentence says what to do about it."""
    key_file.chmod(0o640)

    with pytest.raises(NotAuthorised, match=r"other users can read .*chmod 600"):
        push_leads(by_key, [make_lead()])

    assert org.sign_ins == []


@pytest.mark.parametrize("seconds", [-1800, 1800])
def test_a_clock_that_is_wrong_is_named(
    org: ScriptedOrg, by_key: SalesforceSettings, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """Salesforce only says that the assertion is bad; its own clock is in the response."""
    monkeypatch.setattr(sign_in, "read_clock", lambda: 1_795_080_600.0 + seconds)
    org.sign_in = lambda asked: OrgResponse(
        400,
        {"error": "invalid_grant", "error_description": "invalid assertion"},
        {"Date": "Thu, 19 Nov 2026 09:30:00 GMT"},
    )

    with pytest.raises(NotAuthorised) as caught:
        push_leads(by_key, [make_lead()])

    ours = {-1800: "2026-11-19 09:00", 1800: "2026-11-19 10:00"}[seconds]
    assert f"clock is wrong: it says {ours}, and the CRM 2026-11-19 09:30 UTC" in str(caught.value)


def test_a_clock_that_is_right_is_not_blamed(org: ScriptedOrg, by_key: SalesforceSettings) -> None:
    """Then Salesforce's message is shown."""
    org.sign_in = lambda asked: OrgResponse(400, {"error": "invalid_grant", "error_description": "audience is invalid"})

    with pytest.raises(NotAuthorised, match=r"audience is invalid.*set audience"):
        push_leads(by_key, [make_lead()])


def make_practice_settings(crm: PracticeCrm, by_key: SalesforceSettings) -> SalesforceSettings:
    """Settings for the practice CRM, with a sign-in by key."""
    return replace(by_key, login_url=crm.url, client_id=CONSUMER_KEY)


def test_the_practice_org_verifies_the_signature(
    practice_crm: PracticeCrm, by_key: SalesforceSettings, keys: tuple[str, str]
) -> None:
    """By the public key in its folder, if there is one; a lead with the right key arrives."""
    (practice_crm.folder / PUBLIC_KEY_FILE_NAME).write_text(keys[1], encoding="utf-8")

    outcomes = push_leads(make_practice_settings(practice_crm, by_key), [make_lead()])

    assert list(map(type, outcomes.values())) == [Delivered]


def test_another_key_is_refused_by_the_practice_org(
    practice_crm: PracticeCrm, by_key: SalesforceSettings, keys: tuple[str, str], key_file: Path
) -> None:
    """It is not the app's key."""
    (practice_crm.folder / PUBLIC_KEY_FILE_NAME).write_text(keys[1], encoding="utf-8")
    key_file.write_text(encode_pem(rsa.generate_private_key(65537, 2048)), encoding="utf-8")

    with pytest.raises(NotAuthorised, match=r"invalid assertion.*certificate"):
        push_leads(make_practice_settings(practice_crm, by_key), [make_lead()])


@pytest.mark.parametrize("seconds", [-1800, 1800])
def test_the_practice_org_refuses_an_assertion_of_another_time(
    practice_crm: PracticeCrm, by_key: SalesforceSettings, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """So that a wrong clock can be rehearsed."""
    monkeypatch.setattr(sign_in, "read_clock", lambda: time.time() + seconds)

    with pytest.raises(NotAuthorised, match="Correct the clock"):
        push_leads(make_practice_settings(practice_crm, by_key), [make_lead()])


def test_other_sign_ins_do_not_import_jwt() -> None:
    """The libraries cost 50 ms, and megabytes of memory."""
    code = "import sys, sync.connectors.salesforce; sys.exit('jwt' in sys.modules or 'cryptography' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], timeout=60).returncode == 0
