"""A missing, damaged or replaced database: every request gets 503 with Retry-After, never 401."""

import time
from collections.abc import Callable

import httpx
import pytest

from data.store import open_store
from tests.kiosk.api.api import Api

CALLS = [
    ("GET", "/api/v1/contacts"), ("GET", "/api/v1/contacts/x"), ("POST", "/api/v1/contacts"), ("GET", "/metrics"),
    ("GET", "/api/v1/sync/status"), ("PATCH", "/api/v1/contacts/x"), ("POST", "/api/v1/contacts/bulk"),
    ("POST", "/api/v1/contacts/x/discard"), ("POST", "/api/v1/sync"), ("GET", "/readyz"), ("GET", "/api/v1/events"),
    ("POST", "/api/v1/pair"),
]  # fmt: skip
BODIES = {
    "/api/v1/contacts": {"name": "Da Maged"},
    "/api/v1/contacts/bulk": {"contacts": [{"client_id": "1", "name": "x"}]},
    "/api/v1/contacts/x/discard": {"reason": "x"},
    "/api/v1/pair": {"code": "x"},
}


def outcome(client: httpx.Client, method: str, path: str) -> tuple[int, str, bool]:
    """Return status, media type, and whether there is a Retry-After."""
    body = BODIES.get(path, {}) if method in ("POST", "PATCH") else None
    with client.stream(method, path, json=body) as answer:
        return answer.status_code, answer.headers["content-type"], "retry-after" in answer.headers


REFUSED = (503, "application/problem+json", True)


def test_every_endpoint_reports_a_missing_database(api_with: Callable[..., Api]) -> None:
    """As problem+json with Retry-After, and rarely in the log; the device does not get 401."""
    api = api_with().start()
    with api.client() as client:
        assert client.post("/api/v1/contacts", json={"name": "Be Fore"}).status_code == 201
        api.store.rename(api.store.with_name("elsewhere.db"))
        time.sleep(1.1)  # a token that was found good is good for a second
        found = {path: outcome(client, method, path) for method, path in CALLS}

    assert dict.fromkeys(found, REFUSED) == found
    assert 1 <= api.log.count("a request failed: ") <= 4
    assert "Traceback" not in api.log


@pytest.mark.parametrize("damage", ["head overwritten", "deleted", "replaced"])
def test_a_broken_database_never_causes_401(
    api_with: Callable[..., Api], tmp_path_factory: pytest.TempPathFactory, damage: str
) -> None:
    """The database is salvaged with the device's token, which the device would discard after a 401."""
    api = api_with().start()
    with api.client() as client:
        assert client.post("/api/v1/contacts", json={"name": "Be Fore"}).status_code == 201
        if damage == "head overwritten":
            with api.store.open("r+b") as file:
                file.write(b"\xff" * 100)
        elif damage == "deleted":
            api.store.unlink()
        else:
            other = tmp_path_factory.mktemp("other") / "kiosk.db"
            open_store(other).close()
            other.replace(api.store)
        time.sleep(1.1)
        if damage == "head overwritten":  # what was destroyed is said once, and then read back
            assert outcome(client, "POST", "/api/v1/contacts") == REFUSED

        assert client.post("/api/v1/contacts", json={"name": "Af Ter"}).status_code == 201
        names = {lead["name"] for lead in client.get("/api/v1/contacts").json()["contacts"]}
    assert names == {"Be Fore", "Af Ter"}


def test_a_database_that_was_put_back_is_used_again(api_with: Callable[..., Api]) -> None:
    """No restart is needed."""
    api = api_with().start()
    away = api.store.with_name("elsewhere.db")
    with api.client() as client:
        assert client.post("/api/v1/contacts", json={"name": "Be Fore"}).status_code == 201
        api.store.rename(away)
        time.sleep(1.1)
        assert client.get("/api/v1/contacts").status_code == 503
        away.rename(api.store)
        time.sleep(1.1)

        assert client.get("/api/v1/contacts").status_code == 200
        assert client.post("/api/v1/contacts", json={"name": "Af Ter"}).status_code == 201
    assert api.rows("select name from leads order by id") == [("Be Fore",), ("Af Ter",)]
