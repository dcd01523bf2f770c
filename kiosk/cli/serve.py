"""`kiosk serve` and `kiosk token`: leads from other devices, and who may post them."""

from collections.abc import Sequence

import click

from data import devices
from data.devices import PAIRING_SECONDS, ROLES, Device
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.cli.table import print_table
from kiosk.config.api import ApiSettings
from kiosk.config.load import Settings
from kiosk.status.wording import format_duration, sanitize_text

ROLE_CHOICE = click.Choice(ROLES)


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
@click.pass_context
def serve(context: click.Context, with_parent: bool) -> None:
    """
    Take leads from phones, tablets, badge readers and other kiosks, over HTTP, and show the numbers.

    Where it listens is said in [api]; nobody comes in without a token: see `kiosk token`.
    `kiosk run` starts it by itself where [api] enabled is true.
    """
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
        with hold_lock(settings.folder / "intake.lock", guarded=True), ServerStandInAlerts(settings, CLOCK):
            _serve_api(settings)
    except LockHeld:
        raise click.ClickException("The server runs already.") from None


def _serve_api(settings: Settings) -> None:
    """
    Serve at the address that kiosk.toml names.

    Raises:
        click.ClickException: that cannot be done.
    """
    from kiosk.api.server.certificate import CertificateUnusable
    from kiosk.api.server.server import serve_api as run

    try:
        run(settings, CLOCK, on_ready=lambda url: click.echo(f"Leads are taken at {url}"))
    except CertificateUnusable as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.filename:  # of a file, and not of the address
            raise
        where = f"{settings.api.host}:{settings.api.port}"
        raise click.ClickException(f"{where} cannot be listened at ({error.strerror}); change [api].") from None


@click.group()
def token() -> None:
    """Say which devices may post leads, read them, and decide about them."""


@token.command()
@click.argument("name")
@click.option("--role", type=ROLE_CHOICE, default="post", show_default=True, help="What the device may do.")
@json_option
@click.pass_context
def new(context: click.Context, name: str, role: str, as_json: bool) -> None:
    """Make a token for the device called NAME, and show it: nobody can show it again."""
    made = devices.add_device(
        open_command_database(load_command_settings(context), create=True), validate_name(name), role, CLOCK
    )
    if as_json:
        print_json({"name": name, "role": role, "token": made})
    else:
        click.echo(made)


@token.command(name="list")
@json_option
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """List the devices that have a token, and when each was last heard of."""
    found = [
        device
        for device in devices.list_devices(open_command_database(load_command_settings(context)))
        if device.revoked_at is None
    ]
    if as_json:
        print_json([build_device_json(device) for device in found])
        return
    print_table(("ID", "NAME", "ROLE", "MADE", "LAST HEARD"), [format_device_row(device) for device in found])


@token.command()
@click.argument("device")
@click.pass_context
def revoke(context: click.Context, device: str) -> None:
    """Take back the token of DEVICE (its id or name); its calls are refused within a second."""
    done = devices.revoke_device(open_command_database(load_command_settings(context)), device, CLOCK)
    if not done:
        raise click.ClickException(
            f"No device has the id or name {sanitize_text(device)!r}; `kiosk token list` lists them."
        )
    click.echo(f"{done} token{'' if done == 1 else 's'} revoked.")


@token.command()
@click.option("--name", default="", help="What the device is to be called; else it says so itself.")
@click.option("--role", type=ROLE_CHOICE, default="post", show_default=True, help="What the device may do.")
@click.option("--plain", "as_text", is_flag=True, help="The link alone, without the QR code.")
@click.pass_context
def pair(context: click.Context, name: str, role: str, as_text: bool) -> None:
    """Show a QR code with which one device fetches a token for itself, once and within five minutes."""
    from kiosk.api.server.certificate import CertificateUnusable
    from kiosk.api.server.pairing_link import build_pairing_link
    from kiosk.printing.codes import make_qr_code, render_blocks

    settings = load_command_settings(context)
    code = devices.offer_pairing(open_command_database(settings, create=True), name.strip(), role, CLOCK)
    try:
        link = build_pairing_link(settings, code)
    except CertificateUnusable as error:
        raise click.ClickException(str(error)) from None
    if not as_text:
        click.echo(render_blocks(make_qr_code(link)))
    click.echo(link)
    click.echo(f"Good once, for {format_duration(PAIRING_SECONDS)}.", err=True)
    if useless := _explain_unreachable(settings.api):
        click.echo(useless, err=True)


def _explain_unreachable(intake: ApiSettings) -> str:
    """Why no other device gets anywhere by a link, and what to set; empty where it does."""
    need = [
        *(['host = "0.0.0.0"'] if intake.is_local else []),
        *(["a port such as port = 8770"] if intake.port == 0 else []),
    ]
    return f"No other device can use this link: set {' and '.join(need)} in [api] of kiosk.toml." if need else ""


def validate_name(name: str) -> str:
    """
    *name*, if a device can be called so.

    Raises:
        click.UsageError: it cannot.
    """
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise click.UsageError("Call the device by 1 to 100 printable characters.")
    return name.strip()


def build_device_json(device: Device) -> dict[str, object]:
    """A device for a script; of its token, nothing."""
    return {
        "id": device.id,
        "name": device.name,
        "role": device.role,
        "made_at": device.made_at,
        "seen_at": device.seen_at,
    }


def format_device_row(device: Device) -> Sequence[str]:
    """A device for a person."""
    now = CLOCK.wall_time()
    heard = f"{format_duration(now - device.seen_at)} ago" if device.seen_at else "never"
    return (device.id, device.name, device.role, f"{format_duration(now - device.made_at)} ago", heard)
