"""The service processes beside the screen: the worker, the API server, and in practice mode the practice CRM."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from data.clock import SystemClock
from kiosk.alerts.schedule import StandInAlerts
from kiosk.config.load import Settings
from kiosk.runtime.child_process import ChildProcess


@contextmanager
def run_services(settings: Settings, config: Path | None) -> Iterator[None]:
    """
    Keep the service processes running within the block.

    They are stopped in reverse order: the practice CRM last, so that the worker can finish its call.
    """
    options = ["--config", str(config.resolve())] if config else []

    def run(command: str, log_name: str) -> None:
        child = ChildProcess([*options, command, "--with-parent"], build_log_path(settings, log_name))
        stack.enter_context(_run_child(child))

    with ExitStack() as stack:
        if settings.is_practice:
            run("practice-crm", "practice-crm")
        run("worker", "worker")
        stack.enter_context(StandInAlerts(settings, SystemClock()))
        if settings.api.enabled:
            run("serve", "intake")  # the log file keeps the name that installations know
        yield


@contextmanager
def _run_child(child: ChildProcess) -> Iterator[ChildProcess]:
    """Start *child*, and stop it at the end of the block."""
    child.start()
    try:
        yield child
    finally:
        child.stop()


def build_log_path(settings: Settings, name: str) -> Path:
    """Return the path of the log file called *name*."""
    return settings.folder / f"{name}.log"
