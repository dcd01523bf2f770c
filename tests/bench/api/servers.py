"""The servers to measure: `python -m tests.bench.api.servers KIND CONFIG FLUSH_SECONDS`."""

import asyncio
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from data.clock import SystemClock
from kiosk.api.ingest import group_commit
from kiosk.api.ingest.group_commit import GroupCommit, WriteJob
from kiosk.api.ingest.save import SavedContact
from kiosk.api.server import server
from kiosk.config.load import load_settings
from tests.support.slow_flush import slow_down

TABLE = "create table contacts (id integer primary key, client_id text unique, name, email, company, job_title)"
INSERT = """
    insert into contacts (client_id, name, email, company, job_title)
    values (:client_id, :name, :email, :company, :job_title)
"""


class StoresNothing(GroupCommit):
    """Answers every post without saving it, to measure the rest of the server."""

    async def _write_batch(self, jobs: list[WriteJob]) -> bool:
        """Give every job a result without writing."""
        for job in jobs:
            job.result = SavedContact("0" * 32, "x", "created")
        return True


def plain(folder: Path) -> None:
    """The simplest server: Starlette, where each request inserts a row and commits, as durable as ours."""
    db = one_table(folder)

    async def save(contact: dict[str, str]) -> int | None:
        db.execute("begin")
        lead = db.execute(INSERT, contact).lastrowid
        db.execute("commit")
        return lead

    serve_plainly(save)


def sketch(folder: Path) -> None:
    """The simplest server with group commit."""
    db, thread = one_table(folder), ThreadPoolExecutor(1)
    waiting: list[tuple[dict[str, str], asyncio.Future[int | None]]] = []
    turns: set[asyncio.Task[None]] = set()

    async def turn() -> None:
        while waiting:
            await asyncio.sleep(group_commit.GATHER_SECONDS)
            group, waiting[:] = waiting[:], []
            db.execute("begin")
            leads = [db.execute(INSERT, contact).lastrowid for contact, _ in group]
            await asyncio.get_running_loop().run_in_executor(thread, db.execute, "commit")
            for lead, (_, done) in zip(leads, group, strict=True):
                done.set_result(lead)
        turns.clear()

    async def save(contact: dict[str, str]) -> int | None:
        done = asyncio.get_running_loop().create_future()
        waiting.append((contact, done))
        if not turns:
            turns.add(asyncio.create_task(turn()))
        return await done

    serve_plainly(save)


def nothing(folder: Path) -> None:
    """The simplest server without storage."""

    async def save(contact: dict[str, str]) -> int | None:
        return 1

    serve_plainly(save)


def one_table(folder: Path) -> sqlite3.Connection:
    """Create a database with one table."""
    db = sqlite3.connect(folder / "plain.db", isolation_level=None, check_same_thread=False)
    for sql in ("pragma journal_mode = wal", "pragma synchronous = full", TABLE):
        db.execute(sql)
    return db


def serve_plainly(save: Callable[[dict[str, str]], Awaitable[int | None]]) -> None:
    """Serve one address, at which *save* saves a contact."""

    async def post(request: Request) -> JSONResponse:
        contact = await request.json()
        lead = await save(contact)
        return JSONResponse({"id": lead, "client_id": contact["client_id"], "status": "created"}, 201)

    app = Starlette(routes=[Route("/api/v1/contacts", post, methods=["POST"])])
    config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False, lifespan="off")
    listener = server.open_listener("127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    asyncio.run(uvicorn.Server(config).serve([listener]))


PLAIN = {"plain": plain, "sketch": sketch, "plain, nothing": nothing}


def main() -> None:
    """Serve until SIGTERM."""
    kind, config, flush = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if flush:
        import pytest  # whose memory is not to be measured with the server's

        slow_down(pytest.MonkeyPatch(), flush)
    if kind in PLAIN:
        return PLAIN[kind](config.parent)
    if kind == "nothing":
        server.GroupCommit = StoresNothing  # type: ignore[attr-defined, misc]
    if kind == "one flush a request":
        group_commit.MAX_BATCH_LEADS = 1
    return server.serve_api(load_settings(config), SystemClock(), on_ready=lambda url: print(url, flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
