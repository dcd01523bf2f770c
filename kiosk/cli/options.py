"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from data.language import _
from data.outbox import NEEDS_DETAILS, SHARED_RECORD, STATES
from data.pending import count_causes
from data.store import Store
from kiosk.status.wording import sanitize_text

_Command = TypeVar("_Command", bound=Callable[..., Any])

_ALL_STATES = "all"

# Causes that a lead may have; those of the network and the CRM are added if a lead has them.
_LEAD_CAUSES = (NEEDS_DETAILS, "rejected", SHARED_RECORD, "gone", "retry")


class _StateParamType(click.ParamType[str]):
    """The type of `--state`: one of the four states, with a space or a hyphen; or `all`."""

    name = "state"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the choices as the help shows them."""
        return f"[{'|'.join((*STATES, _ALL_STATES))}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the state that *value* names."""
        name = " ".join(str(value).replace("-", " ").replace("_", " ").casefold().split())
        if name not in (*STATES, _ALL_STATES):
            message = _("there is no state {name!r}; available: {states}.")
            states = ", ".join((*STATES, _ALL_STATES))
            self.fail(message.format(name=sanitize_text(str(value)), states=states), param, ctx)
        return name


def state_option(command: _Command) -> _Command:
    """Add the option `--state`; *command* gets the states as `states`, an empty tuple if none was given."""
    help_text = _("Only leads in this state. May be repeated.")
    return click.option("--state", "states", multiple=True, type=_StateParamType(), help=help_text)(command)


def resolve_states(states: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the *states* that were given on the command line, or *default* if none was."""
    return STATES if _ALL_STATES in states else states or default


def check_cause(db: Store, cause: str) -> None:
    """
    Check the value of `--cause`, empty if it was not given.

    Raises:
        click.UsageError: no lead can have this cause.
    """
    known = tuple(dict.fromkeys((*_LEAD_CAUSES, *count_causes(db))))
    if cause and cause not in known:
        message = _("There is no cause {cause!r}. Causes: {causes}.")
        raise click.UsageError(message.format(cause=sanitize_text(cause), causes=", ".join(known)))


def search_option(command: _Command) -> _Command:
    """Add the option `--search`."""
    help_text = _(
        "Only leads that contain this text in a name, e-mail, phone number, company, badge ID, note, tag, answer or "
        "badge."
    )
    return click.option("--search", default="", metavar="TEXT", help=help_text)(command)


def limit_option(command: _Command) -> _Command:
    """Add the option `--limit`."""
    return click.option("--limit", type=click.IntRange(1), help=_("Maximum number of leads. Default: all."))(command)


def force_option(command: _Command) -> _Command:
    """Add the option `--force`."""
    return click.option("--force", is_flag=True, help=_("Overwrite FILE if it exists."))(command)


def check_overwriting(paths: list[Path], force: bool) -> None:
    """
    Refuse to overwrite existing files without *force*.

    Raises:
        click.ClickException: one of *paths* exists, and *force* is false.
    """
    found = [] if force else [path for path in paths if path.exists()]
    if found:
        message = _("Nothing was written: {file} already exists. --force overwrites it.").format(file=found[0])
        raise click.ClickException(sanitize_text(message))
