"""The kiosk's own certificate: how long it is valid, and when it is renewed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from data.clock import FIRST_RELEASE_TIME
from kiosk.api.server.certificate import create_tls_context, ensure_certificate
from kiosk.config.api import ApiSettings
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings
from tests.support.clock import FakeClock

DAY = 86_400.0

MAX_DAYS_ON_PHONES = 825


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=DataSettings(str(tmp_path)), api=ApiSettings(host="0.0.0.0"))


def read_certificate(settings: Settings, clock: FakeClock) -> x509.Certificate:
    """Read the certificate that a server started now would use."""
    create_tls_context(settings, clock)
    return x509.load_pem_x509_certificate(ensure_certificate(settings, clock)[0].read_bytes())


def to_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("years", [0, 1, 10])
def test_phones_accept_how_long_a_certificate_is_valid(settings: Settings, years: int) -> None:
    """Counted from when it is made, in any year; phones also want to read that it is for servers."""
    clock = FakeClock()
    clock.tick(years * 365 * DAY)
    cert = read_certificate(settings, clock)

    assert cert.not_valid_after_utc - cert.not_valid_before_utc < timedelta(days=MAX_DAYS_ON_PHONES)
    assert cert.not_valid_before_utc < to_time(clock.now)
    assert cert.not_valid_after_utc > to_time(clock.now + 800 * DAY)
    assert ExtendedKeyUsageOID.SERVER_AUTH in cert.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value


def test_a_clock_that_starts_in_1970_makes_a_certificate_of_today(settings: Settings) -> None:
    cert = read_certificate(settings, FakeClock(now=0.0, is_synced=False))

    assert cert.not_valid_before_utc < to_time(FIRST_RELEASE_TIME) < cert.not_valid_after_utc - timedelta(days=800)


def test_a_valid_certificate_stays(settings: Settings) -> None:
    clock = FakeClock()
    first = read_certificate(settings, clock)
    clock.tick(790 * DAY)

    assert read_certificate(settings, clock) == first


@pytest.mark.parametrize("days", [800, 900, -10])
def test_a_certificate_that_phones_refuse_soon_is_renewed(settings: Settings, days: int) -> None:
    """With the same key, before it ends, after it has ended, and if a wrong clock had put it into the future."""
    clock = FakeClock()
    first = read_certificate(settings, clock)
    clock.jump(days * DAY)
    second = read_certificate(settings, clock)

    assert second != first
    assert second.public_key() == first.public_key()
    assert second.not_valid_before_utc < to_time(clock.now) < second.not_valid_after_utc - timedelta(days=800)


def test_a_clock_that_may_be_wrong_renews_nothing(settings: Settings) -> None:
    """Otherwise all devices would have to be paired again for it."""
    clock = FakeClock()
    first = read_certificate(settings, clock)
    clock.jump(3000 * DAY)
    clock.is_synced = False

    assert read_certificate(settings, clock) == first


def test_a_pairing_link_renews_nothing(settings: Settings) -> None:
    """The server that runs has the old certificate until it is started again."""
    clock = FakeClock()
    first = read_certificate(settings, clock)
    clock.tick(900 * DAY)
    cert_file, _key_file = ensure_certificate(settings, clock)

    assert x509.load_pem_x509_certificate(cert_file.read_bytes()) == first


def test_a_certificate_that_cannot_be_renewed_stays(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    first = read_certificate(settings, clock)
    clock.tick(900 * DAY)

    def fail(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kiosk.api.server.own_certificate._write_private_file", fail)

    assert read_certificate(settings, clock) == first
