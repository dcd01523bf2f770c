"""The `kiosk` command: each group of related commands has a module, which is imported when one of them is called."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from data.language import N_, _

COMMAND_MODULES = {
    "run": "run",
    "worker": "run",
    "practice-crm": "practice",
    "scan": "scan",
    "scanner": "scanner",
    "pending": "pending",
    "retry": "lead_actions",
    "discard": "lead_actions",
    "restore": "lead_actions",
    "sync": "sync",
    "pause": "pause",
    "resume": "pause",
    "status": "status",
    "attempts": "attempts",
    "history": "history",
    "check": "check",
    "serve": "serve",
    "token": "serve",
    "leads": "leads",
    "export": "leads",
    "backup": "backup",
    "import": "import_attendees",
    "badges": "badges",
    "loadtest": "loadtest",
    "demo": "demo",
}
"""Every command, and the module of this package that defines it."""

_READING_COMMANDS = ("status", "pending", "attempts", "history", "check", "leads", "export", "backup")
"""The commands that change nothing in the database."""

HELP_SECTIONS = {
    N_("At the booth"): (
        *("run", "scan", "status", "pending", "attempts", "history"),
        *("sync", "pause", "resume", "retry", "discard", "restore"),
    ),
    N_("Before and after the show"): ("check", "scanner", "import", "badges", "leads", "export", "backup"),
    N_("Other devices"): ("serve", "token"),
    N_("Demonstration and load test"): ("demo", "loadtest"),
    N_("Background processes"): ("worker", "practice-crm"),
}
"""The commands as `kiosk --help` groups them."""


@contextmanager
def _sanitize_click_errors() -> Iterator[None]:
    """Remove control characters from errors that quote the command line, so that none reaches the terminal."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        # Its message is the help: several lines, and nothing from the command line.
        raise
    except click.ClickException as error:
        from kiosk.status.wording import sanitize_text

        # click declares the message final, for subclasses; changing it here is safe.
        error.message = sanitize_text(error.message)  # type: ignore[misc]
        raise


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, which keeps `kiosk run` quick to start."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        return list(COMMAND_MODULES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import and return the command called *name*, or None if there is no such command."""
        if name not in COMMAND_MODULES:
            return None
        module = import_module(f"kiosk.cli.{COMMAND_MODULES[name]}")
        command: click.Command = getattr(module, name.replace("-", "_").replace("import", "import_"))
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the options that precede the command."""
        with _sanitize_click_errors():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _sanitize_click_errors():
            return super().invoke(ctx)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description; it is translated here because the language is unknown when this module is imported."""
        self.help = self.help and _(self.help)
        super().format_help_text(ctx, formatter)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, grouped by what people want to do."""
        for title, names in HELP_SECTIONS.items():
            with formatter.section(_(title)):
                found = [(name, self.get_command(context, name)) for name in names]
                formatter.write_dl([(name, command.get_short_help_str(90)) for name, command in found if command])


class _TranslatedOption(click.Option):
    """An option of the group, whose help is translated when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help."""
        self.help = self.help and _(self.help)
        return super().get_help_record(ctx)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_("Offline-first booth kiosk: scan a badge, save the lead, and deliver it to the CRM when the WiFi allows."),
)
@click.option(
    "--config",
    cls=_TranslatedOption,
    metavar="FILE",
    type=click.Path(),
    help=N_("Settings file. Default: $KIOSK_CONFIG, then ./kiosk.toml."),
)
@click.version_option(package_name="booth-kiosk")
@click.pass_context
def cli(context: click.Context, config: str | None) -> None:
    """Store the path of the settings file for the command."""
    context.obj = config


def main() -> None:
    """Run the command line; an error becomes one sentence and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal's encoding lacks must not end a command.
            stream.reconfigure(errors="backslashreplace")
    try:
        from kiosk.cli.language import use_configured_language

        use_configured_language(sys.argv[1:])
        cli(prog_name="kiosk")
    except Exception as error:
        from kiosk.cli.error_exit import exit_with_error

        # An option's value before the command may be a command's name, too; then only a sentence is longer.
        name = next((argument for argument in sys.argv[1:] if argument in COMMAND_MODULES), "")
        exit_with_error(error, is_reading=name in _READING_COMMANDS)
