"""Fixtures of the Salesforce connector's tests."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sync.practice_crm.dialects.salesforce.sessions import CONSUMER_KEY
from sync.settings.salesforce import SalesforceSettings
from tests.sync.salesforce.helpers import SECRET
from tests.sync.salesforce.scripted_org import ScriptedOrg


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    """A scripted org that works until a test changes that."""
    made = ScriptedOrg()
    yield made
    made.stop()


@pytest.fixture
def settings(org: ScriptedOrg, monkeypatch: pytest.MonkeyPatch) -> SalesforceSettings:
    """Settings for *org*."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", SECRET)
    made = SalesforceSettings(org.url, client_id="3MVG9-booth", client_secret_env="BOOTH_TEST_SECRET")
    made.check()
    return made


@pytest.fixture(scope="session")
def keys() -> tuple[str, str]:
    """A private key and its public one, as PEM."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture
def key_file(keys: tuple[str, str], tmp_path: Path) -> Path:
    """The private key in a file that only its owner can read."""
    path = tmp_path / "booth.pem"
    path.write_text(keys[0], encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def by_key(settings: SalesforceSettings, key_file: Path) -> SalesforceSettings:
    """Settings for *org*, with a sign-in by key."""
    made = replace(settings, sign_in="jwt_bearer", username="booth@initech.com", private_key_file=str(key_file))
    made.check()
    return made


@pytest.fixture
def practice(crm: Any, monkeypatch: pytest.MonkeyPatch) -> SalesforceSettings:
    """Settings for the practice CRM's org."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", crm.token)
    return SalesforceSettings(crm.url, client_id=CONSUMER_KEY, client_secret_env="BOOTH_TEST_SECRET")
