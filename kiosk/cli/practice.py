"""`kiosk practice-crm`: a CRM to practise with."""

import click

from kiosk.cli.context import settings_of


@click.command(name="practice-crm")
@click.option("--port", type=click.IntRange(0, 65535), help="Of loopback; a free one is taken where it is in use.")
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME=VALUE", help="Misbehave: delay=2-5, off, lost_answers=1 ..."
)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
@click.pass_context
def practice_crm(context: click.Context, port: int | None, faults: tuple[str, ...], with_parent: bool) -> None:
    """
    Run the practice CRM: a real HTTP server on loopback, with a database of its own.

    It shows what it has got on a page, and misbehaves on request, so that staff see each trouble before the show.
    """
    from sync.sandbox.faults import Faults
    from sync.sandbox.server import serve
    from sync.worker import stop_with_parent

    settings = settings_of(context)
    folder = settings.folder if settings.is_practice else settings.folder / "practice"
    try:
        wanted = Faults.parse(list(faults))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if with_parent:
        stop_with_parent()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chosen = settings.practice.port if port is None else port
    serve(folder, chosen, wanted, ready=lambda url: click.echo(f"The practice CRM answers at {url}"))
