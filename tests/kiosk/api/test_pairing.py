"""Pairing: a code is valid once, for minutes, with the chosen role."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from data import devices
from data.clock import SystemClock
from data.store import Store, open_store, write_transaction
from tests.kiosk.api.api import ROOT, Api
from tests.support.clock import FakeClock


def offered(api: Api, name: str = "", role: str = "post") -> str:
    """Offer a pairing code."""
    with closing(open_store(api.store)) as db:
        return devices.offer_pairing(db, name, role, SystemClock())


def pair(api: Api, body: object) -> tuple[int, dict[str, object]]:
    """Return the response to a device that posts *body*."""
    with api.stranger() as stranger:
        answer = stranger.post("/api/v1/pair", json=body)
        return answer.status_code, answer.json()


def test_a_code_is_valid_once(api: Api) -> None:
    """The token has its role; the second device gets none."""
    code = offered(api, role="read")
    status, got = pair(api, {"code": code, "name": "phone 7"})
    again, problem = pair(api, {"code": code, "name": "a thief"})

    assert (status, again) == (201, 403)
    assert problem["field"] == "code"
    with api.stranger(headers={"Authorization": f"Bearer {got['token']}"}) as phone:
        devices_now = phone.get("/api/v1/sync/status").json()["devices"]
        assert phone.post("/api/v1/sync").status_code == 403
    assert [device["name"] for device in devices_now if device["name"] in ("phone 7", "a thief")] == ["phone 7"]


def test_the_name_chosen_at_the_kiosk_wins(api: Api) -> None:
    """The device's own name is ignored."""
    pair(api, {"code": offered(api, name="left tablet"), "name": "admin"})

    assert api.rows("select name, role from devices where name in ('left tablet', 'admin')") == [
        ("left tablet", "post")
    ]


def test_a_code_expires_after_minutes(tmp_path: object) -> None:
    """In seconds since boot, so that setting the clock does not extend it; a reboot ends it."""
    clock = FakeClock()
    with closing(open_store(tmp_path / "kiosk.db")) as db:  # type: ignore[operator]
        good, late, other = (devices.offer_pairing(db, "", "post", clock) for _ in range(3))
        clock.tick(299)
        clock.jump(-3600)

        assert used(db, good, clock) is not None
        clock.tick(2)
        assert used(db, late, clock) is None
        clock.restart("boot-2")
        assert used(db, other, clock) is None


def used(db: Store, code: str, clock: FakeClock) -> str | None:
    """Redeem *code* and return the token."""
    with write_transaction(db):
        return devices.redeem_pairing_code(db, code, "phone", clock)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "code"), ({"code": ""}, "code"), ({"code": 5}, "code"), ({"code": "x" * 101}, "code"),
        ({"code": "x", "name": " "}, "name"), ({"code": "x", "name": "y" * 101}, "name"),
        ({"code": "x", "role": "manage"}, "role"),
    ],
)  # fmt: skip
def test_a_wrong_body_names_the_field(api: Api, body: object, field: str) -> None:
    """A device cannot choose its own role."""
    status, problem = pair(api, body)

    assert (status, problem["field"]) == (422, field)


def test_guessing_codes_is_throttled(api_with: Callable[..., Api]) -> None:
    """After twenty wrong codes further ones have to wait; the valid one still works, once."""
    api = api_with().start()
    code = offered(api)
    statuses = [pair(api, {"code": f"guess{number}"})[0] for number in range(22)]

    assert statuses == [403] * 20 + [429] * 2
    assert [pair(api, {"code": code})[0] for _ in range(2)] == [201, 429]
    assert api.holds(code) == []


def test_a_code_stays_valid_after_a_failed_attempt(tmp_path: object) -> None:
    """If the token could not be saved, the code is not used up."""
    clock = FakeClock()
    with closing(open_store(tmp_path / "kiosk.db")) as db:  # type: ignore[operator]
        code = devices.offer_pairing(db, "", "post", clock)
        with pytest.raises(ZeroDivisionError), write_transaction(db):
            devices.redeem_pairing_code(db, code, "phone", clock)
            raise ZeroDivisionError

        assert devices.list_devices(db) == []
        assert used(db, code, clock) is not None


@pytest.mark.parametrize(
    ("intake", "said"),
    [
        ("port = 8770", 'host = "0.0.0.0"'),
        ("port = 0", 'host = "0.0.0.0", port = 8770'),
        ("port = 0\nhost = '0.0.0.0'\ntls = false", "port = 8770"),
        ("port = 8770\nhost = '0.0.0.0'\ntls = false", ""),
    ],
)
def test_a_link_that_other_devices_cannot_use_is_reported(api_with: Callable[..., Api], intake: str, said: str) -> None:
    """The message says what to set; scripts on this device can use the link all the same."""
    command = [sys.executable, "-m", "kiosk", "--config", str(api_with(intake).config), "token", "pair", "--plain"]

    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    first, *more = shown.stderr.splitlines()
    assert first == "Valid once, for 5 minutes."
    unreachable = f"No other device can reach this kiosk yet. In kiosk.toml, under [api], set {said}."
    assert more == [*([unreachable] if said else []), "Start the server with `kiosk serve`."]


def test_the_link_leads_to_the_kiosk(api_with: Callable[..., Api]) -> None:
    """`kiosk token pair` prints everything that a device needs."""
    api = api_with().start()
    command = [
        sys.executable,
        "-m",
        "kiosk",
        "--config",
        str(api.config),
        "token",
        "pair",
        "--plain",
        "--role",
        "manage",
    ]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    link = parse_qs(urlsplit(shown.stdout.strip()).query)

    assert link.keys() == {"url", "code"}
    status, got = pair(api, {"code": link["code"][0]})
    assert status == 201
    assert json.dumps(got).count("bk_") == 1
