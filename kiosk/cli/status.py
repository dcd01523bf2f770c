"""`kiosk status`: how everything stands, and whether it is safe to pack up."""

import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from data import attendees, metrics, repairs
from data.metrics import Metrics
from kiosk.alerts.current import read_alerts
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of
from kiosk.status.status import read_standing
from kiosk.status.wording import badges_count, leads_count, plain, span


@click.command()
@json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """
    Say how many leads are where, whether anything is moving, what is wrong, and whether it is safe to pack up.

    Exit status: 0 when it is safe to pack up, 1 when something still waits.
    """
    settings = settings_of(context)
    db = store_of(settings)
    standing = read_standing(db, settings, CLOCK)
    found = metrics.read(db, settings.crm.connector, CLOCK)
    alerts = read_alerts(db, settings, CLOCK)
    if as_json:
        where = {"database": str(settings.store), "practice": settings.is_practice}
        repair = repairs.newest(db)
        where["repaired"] = asdict(repair) if repair else None
        wrong = [{name: getattr(alert, name) for name in ("cause", "sentence", "advice", "since")} for alert in alerts]
        say_json({**standing.as_json(), **asdict(found), "alerts": wrong, **where})
        sys.exit(0 if standing.is_safe_to_pack else 1)
    counts = standing.counts
    if settings.is_practice:
        click.echo("Practice: leads go to the practice CRM and nowhere else.")
    click.echo(f"Event        {plain(settings.event.name)}, {badges_count(standing.scanned_today)} scanned today")
    click.echo(
        f"Leads        {counts.leads}: {counts.delivered} in the CRM, {counts.waiting} waiting, "
        f"{counts.needs_you} need you, {counts.discarded} discarded"
    )
    click.echo("CRM          " + ", ".join(part for part in (standing.crm, standing.last_success) if part))
    for name, said in delivery(found, standing.now):
        click.echo(f"{name:<12} {plain(said)}")
    click.echo(f"Attendees    {attendees.count(db, settings.event.name)} on the list")
    click.echo(f"Database     {settings.store}" + ("" if settings.store.exists() else " (not made yet)"))
    if repair := repairs.newest(db):
        click.echo(plain(f"Repaired     {span(standing.now - repair.at)} ago. {repair.sentence}"))
    for alert in alerts:
        click.secho(plain(f"ALERT        {alert.sentence} {alert.advice}"), bold=True)
    click.echo(plain(standing.sentence))
    if standing.is_safe_to_pack:
        click.secho("Safe to pack up: yes.", bold=True)
    else:
        paused = ": sending is paused" if standing.paused else ""
        click.secho(f"Safe to pack up: no, {leads_count(counts.waiting)} not sent yet{paused}.", bold=True)
    sys.exit(0 if standing.is_safe_to_pack else 1)


def delivery(found: Metrics, now: float) -> Iterator[tuple[str, str]]:
    """How delivery goes, a name and a sentence a line; what is not known has none."""
    if found.oldest_waiting is not None:
        yield "Oldest", f"has waited for {span(found.oldest_waiting)}"
    if found.success_rate is not None:
        yield "Success", f"{found.success_rate:.0%} of the attempts within the last hour"
    if found.error_rate:
        yield "Errors", f"{found.error_rate:.0%} of them were the CRM's or the network's"
    if found.answer_median is not None and found.answer_p95 is not None:
        yield "Answers", f"the CRM took {found.answer_median:.1f} s (median), {found.answer_p95:.1f} s (p95)"
    if found.attempts:
        yield "Attempts", ", ".join(f"{number} {outcome}" for outcome, number in found.attempts.items())
    for number, change in enumerate(found.history[:5]):
        said = "open" if change.is_open else f"closed, {change.cause}: {change.sentence}"
        yield "" if number else "Gate", f"{span(now - change.at)} ago: {said}"
