"""`kiosk serve` and `kiosk token`: leads from other devices, and which devices have access."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from data import devices
from data.devices import PAIRING_SECONDS, ROLES, Device
from data.language import _, format_number, ngettext
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.cli.table import print_table
from kiosk.config.api import ApiSettings
from kiosk.config.load import Settings
from kiosk.status.wording import format_duration, sanitize_text

_ROLE_CHOICE = click.Choice(ROLES)

# The lock that a server holds while it runs. The file keeps its old name: during an update, an older version may still
# hold it.
_LOCK_NAME = "intake.lock"


@click.command(
    short_help=_("Accept leads from other devices; show the dashboard."),
    help=_(
        "Accept leads from phones, tablets, badge readers and other kiosks over HTTP, and serve the dashboard.\n\n"
        "The address is set in [api] of kiosk.toml. Every request needs a token: see `kiosk token`. `kiosk run` starts "
        "the server by itself if enabled = true in [api]."
    ),
)
@click.option("--with-parent", is_flag=True, hidden=True, help=_("Exit when standard input closes."))
@click.pass_context
def serve(context: click.Context, with_parent: bool) -> None:
    """Run the API server until it is stopped."""
    from kiosk.alerts.schedule import ServerStandInAlerts
    from kiosk.runtime.log import log_to_stderr
    from kiosk.runtime.startup import prepare_database
    from sync.file_lock import LockHeld, hold_lock
    from sync.worker import stop_with_parent

    settings = load_command_settings(context)
    log_to_stderr()
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if with_parent:
        stop_with_parent()
    else:
        prepare_database(settings, CLOCK)
    try:
        with hold_lock(settings.folder / _LOCK_NAME, guarded=True), ServerStandInAlerts(settings, CLOCK):
            _serve_api(settings)
    except LockHeld:
        raise click.ClickException(_("The API is already being served on this device.")) from None


def _serve_api(settings: Settings) -> None:
    """
    Serve on the address in kiosk.toml.

    Raises:
        click.ClickException: the address or the certificate cannot be used.
    """
    from kiosk.api.server.certificate import CertificateUnusable
    from kiosk.api.server.server import serve_api as run

    try:
        sentence = _("Accepting leads at {url}")
        run(settings, CLOCK, on_ready=lambda url: click.echo(sentence.format(url=url)))
    except CertificateUnusable as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.filename:  # the error is about a file, not about the address
            raise
        message = _("Cannot listen on {address} ({error}). Change host or port in [api] of kiosk.toml.")
        address = f"{settings.api.host}:{settings.api.port}"
        raise click.ClickException(message.format(address=address, error=error.strerror)) from None


@click.group(
    short_help=_("Choose which devices may post or manage leads."),
    help=_("Choose which devices may post leads, read them, and manage them."),
)
def token() -> None:
    """Group the commands about tokens."""


def _role_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--role`."""
    help_text = _("What the device may do.")
    return click.option("--role", type=_ROLE_CHOICE, default="post", show_default=True, help=help_text)(command)


@token.command(
    short_help=_("Create a token for a device."),
    help=_("Create a token for the device called NAME and print it. It cannot be shown again."),
)
@click.argument("name")
@_role_option
@json_option
@click.pass_context
def new(context: click.Context, name: str, role: str, as_json: bool) -> None:
    """Create and print a token."""
    name = _validate_name(name)
    db = open_command_database(load_command_settings(context), create=True)
    is_second = any(device.name == name and device.revoked_at is None for device in devices.list_devices(db))
    secret = devices.add_device(db, name, role, CLOCK)
    if as_json:
        print_json({"name": name, "role": role, "token": secret})
        return
    # Only the token itself goes to standard output, so that a script can use it as it is.
    click.echo(secret)
    sentence = _("Token for {name} (role {role}). Copy it now: it cannot be shown again.")
    click.echo(sentence.format(name=name, role=role), err=True)
    if is_second:
        click.echo(_("{name} already has a token; both are valid.").format(name=name), err=True)


@token.command(
    name="list",
    short_help=_("List the devices that have a token."),
    help=_("List the devices that have a token, and when each was last seen."),
)
@json_option
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """Print the devices as a table or as JSON."""
    found = [
        device
        for device in devices.list_devices(open_command_database(load_command_settings(context)))
        if device.revoked_at is None
    ]
    if as_json:
        print_json([_build_device_json(device) for device in found])
        return
    if not found:
        click.echo(_("No device has a token. `kiosk token new NAME` creates one."))
        return
    header = (_("ID"), _("NAME"), _("ROLE"), _("CREATED"), _("LAST SEEN"))
    print_table(header, [_format_device_row(device) for device in found])


@token.command(
    short_help=_("Revoke a device's token."),
    help=_("Revoke the token of DEVICE, given by its ID or name. Its requests are refused within a second or two."),
)
@click.argument("device")
@click.pass_context
def revoke(context: click.Context, device: str) -> None:
    """Revoke the tokens of one device."""
    number = devices.revoke_device(open_command_database(load_command_settings(context)), device, CLOCK)
    if not number:
        message = _("No device has the ID or name {device!r}. `kiosk token list` lists them.")
        raise click.UsageError(message.format(device=sanitize_text(device)))
    sentence = ngettext("{count} token revoked.", "{count} tokens revoked.", number)
    click.echo(sentence.format(count=format_number(number)))


@token.command(
    short_help=_("Show a QR code that pairs a device."),
    help=_("Show a QR code with which one device can get a token for itself, once and within five minutes."),
)
@click.option("--name", default="", help=_("Name for the device. Default: the device chooses."))
@_role_option
@click.option("--plain", "as_text", is_flag=True, help=_("Print only the link, without the QR code."))
@click.pass_context
def pair(context: click.Context, name: str, role: str, as_text: bool) -> None:
    """Print a pairing link and its QR code."""
    from kiosk.api.server.certificate import CertificateUnusable
    from kiosk.api.server.pairing_link import build_pairing_link
    from kiosk.printing.codes import make_qr_code, render_blocks
    from sync.file_lock import is_lock_held

    settings = load_command_settings(context)
    code = devices.offer_pairing(open_command_database(settings, create=True), name.strip(), role, CLOCK)
    try:
        link = build_pairing_link(settings, code, CLOCK)
    except CertificateUnusable as error:
        raise click.ClickException(str(error)) from None
    if not as_text:
        click.echo(render_blocks(make_qr_code(link)))
    click.echo(link)
    minutes = PAIRING_SECONDS // 60
    sentence = ngettext("Valid once, for {count} minute.", "Valid once, for {count} minutes.", minutes)
    click.echo(sentence.format(count=format_number(minutes)), err=True)
    if warning := _explain_unreachable(settings.api):
        click.echo(warning, err=True)
    if not is_lock_held(settings.folder / _LOCK_NAME):
        click.echo(_("Start the server with `kiosk serve`."), err=True)


def _explain_unreachable(api: ApiSettings) -> str:
    """Say why no other device can use the link, and what to set; an empty string if one can."""
    missing = [
        *(['host = "0.0.0.0"'] if api.is_local else []),
        *(["port = 8770"] if api.port == 0 else []),
    ]
    if not missing:
        return ""
    message = _("No other device can reach this kiosk yet. In kiosk.toml, under [api], set {settings}.")
    return message.format(settings=", ".join(missing))


def _validate_name(name: str) -> str:
    """
    Return *name* without surrounding spaces.

    Raises:
        click.UsageError: it cannot be a device's name.
    """
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise click.UsageError(_("A device's name needs 1 to 100 printable characters."))
    return name.strip()


def _build_device_json(device: Device) -> dict[str, object]:
    """Return a device as a JSON object, without its token."""
    return {
        "id": device.id,
        "name": device.name,
        "role": device.role,
        "made_at": device.made_at,
        "seen_at": device.seen_at,
    }


def _format_device_row(device: Device) -> Sequence[str]:
    """Return a device as a row of the table."""
    now, ago = CLOCK.wall_time(), _("{time} ago")
    created = ago.format(time=format_duration(now - device.made_at))
    seen = ago.format(time=format_duration(now - device.seen_at)) if device.seen_at else _("never")
    return (device.id, device.name, device.role, created, seen)
