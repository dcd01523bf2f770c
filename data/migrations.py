"""
The schema's history, from top to bottom. Migrations that have shipped are never edited: databases store their names.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("kiosk")

FIRST_TABLES = """
create table leads (
    id text primary key,
    event text not null,
    kind text not null,                     -- of badge: vcard, id, unknown ...
    badge_id text not null default '',
    name text not null default '',
    first_name text not null default '',
    last_name text not null default '',
    email text not null default '',
    phone text not null default '',
    company text not null default '',
    job_title text not null default '',
    website text not null default '',
    address text not null default '',
    city text not null default '',
    region text not null default '',
    postcode text not null default '',
    country text not null default '',
    answers text not null default '{}',     -- a JSON object: question -> answer
    rating integer check (rating between 1 and 5),  -- null: nobody asked
    note text not null default '',
    tags text not null default '[]',        -- a JSON list
    consent_wording text,                   -- the id of the wording that was agreed to; null: nobody asked
    consent_language text,
    consent_given text,                     -- how: tapped, said, signed
    consent_at real,
    consent_operator text,
    revision integer not null default 1,
    created_at real not null,
    updated_at real not null
) strict;

create table identities (
    event text not null,
    identity text not null,                 -- email:..., badge:... or payload:...
    lead_id text not null references leads (id),
    primary key (event, identity)
) strict, without rowid;
create index identities_lead on identities (lead_id);

create table scans (
    id integer primary key autoincrement,   -- also the sequence of this kiosk
    lead_id text references leads (id),     -- null: refused, nobody's business
    event text not null,
    payload blob,                           -- null: a secret, of which only the hash is kept
    payload_hash text not null,
    kind text not null,
    symbology text not null,
    source text not null,
    operator text not null,
    kiosk text not null,
    wall_at real not null,                  -- what the clock said, seconds since 1970 UTC
    boot_id text not null,
    monotonic real not null                 -- seconds since that boot
) strict;
create index scans_lead on scans (lead_id);
create index scans_boot on scans (boot_id);

create table boots (
    boot_id text primary key,
    "offset" real not null,                 -- wall clock minus monotonic, as last seen
    synced integer not null,                -- whether a time server had set the clock
    seen_at real not null
) strict;

create view scan_times as
    select scans.*,
           case when boots.synced then boots."offset" + scans.monotonic else scans.wall_at end as at
      from scans
      left join boots using (boot_id);

create table outbox (
    lead_id text primary key references leads (id),
    revision integer not null,              -- wanted
    delivered_revision integer,
    state text not null check (state in ('waiting', 'needs you', 'delivered', 'discarded')),
    attempts integer not null default 0,
    due real not null default 0,            -- seconds since boot; 0 is at once
    due_boot text not null default '',
    cause text not null default '',
    reason text not null default '',
    remote_id text,
    delivered_at real,
    changed_at real not null
) strict;
create index outbox_due on outbox (due) where state = 'waiting';
create index outbox_state on outbox (state, changed_at);

create table batches (
    id text primary key,
    destination text not null,
    started_at real not null,
    ended_at real                           -- null: the answer never came, or not yet
) strict;
create index batches_open on batches (destination) where ended_at is null;

create table batch_members (
    batch_id text not null references batches (id),
    lead_id text not null references leads (id),
    revision integer not null,
    primary key (batch_id, lead_id)
) strict, without rowid;

create table deliveries (
    id integer primary key,
    batch_id text not null,
    lead_id text not null references leads (id),
    destination text not null,
    revision integer not null,
    started_at real not null,
    took real not null,                     -- seconds
    outcome text not null,                  -- delivered, rejected, retry, unsure, refused or a gate's cause
    status integer,                         -- of HTTP, where there was one
    message text not null default ''
) strict;
create index deliveries_lead on deliveries (lead_id);
create index deliveries_time on deliveries (started_at);

create table gate (
    destination text primary key,
    is_open integer not null,
    cause text not null default '',
    sentence text not null default '',
    since real not null,
    next_try real not null default 0,       -- seconds since boot
    next_try_boot text not null default '',
    failures integer not null default 0,    -- in a row
    last_success real
) strict;

create table attendees (
    event text not null,
    badge_id text not null,
    name text not null default '',
    first_name text not null default '',
    last_name text not null default '',
    email text not null default '',
    phone text not null default '',
    company text not null default '',
    job_title text not null default '',
    website text not null default '',
    address text not null default '',
    city text not null default '',
    region text not null default '',
    postcode text not null default '',
    country text not null default '',
    primary key (event, badge_id)
) strict, without rowid;

create table actions (
    id integer primary key,
    lead_id text not null references leads (id),
    verb text not null,                     -- retry, discard, restore, edit
    reason text not null default '',
    operator text not null,
    at real not null
) strict;
create index actions_lead on actions (lead_id);
"""


@migrations()
def m001_first_tables(db: Database) -> None:
    """Create leads, scans, the outbox, receipts, the gate and the attendee list."""
    for statement in FIRST_TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m002_fewer_indexes(db: Database) -> None:
    """Drop two indexes that every save had to write and no query needs."""
    db.execute("drop index identities_lead")
    db.execute("drop index scans_boot")


_ORDER = """
alter table outbox add column heat integer not null default 3;      -- the rating; 3 where nobody rated
alter table outbox add column setbacks integer not null default 0;  -- how often others were let go before
update outbox set heat = coalesce((select rating from leads where leads.id = lead_id), 3);
drop index outbox_due;
create index outbox_next on outbox (setbacks, heat desc, lead_id desc, due) where state = 'waiting';
"""


@migrations()
def m003_hottest_and_newest_first(db: Database) -> None:
    """Send the hottest leads first, and among those the newest."""
    for statement in _ORDER.strip().split("\n"):
        db.execute(statement)


_GATE_HISTORY = """
create table gate_changes (
    id integer primary key,
    destination text not null,
    is_open integer not null,
    cause text not null,
    sentence text not null,
    at real not null
) strict
"""


@migrations()
def m004_gate_history(db: Database) -> None:
    """Remember how the gate opened and closed, and which credential the CRM rejected."""
    db.execute("alter table gate add column credential text not null default ''")
    db.execute(_GATE_HISTORY)


_DELIVERY_TOTALS = """
create table delivery_totals (
    destination text not null,
    outcome text not null,
    number integer not null,                -- of receipts that were forgotten
    primary key (destination, outcome)
) strict, without rowid
"""


@migrations()
def m005_counts_of_forgotten_receipts(db: Database) -> None:
    """Keep the number of pruned receipts; index receipts by lead and batch."""
    db.execute(_DELIVERY_TOTALS)
    db.execute("create index deliveries_batch on deliveries (batch_id)")
    db.execute("create index gate_changes_time on gate_changes (destination, id)")


_SHARED = """
create table shared_identities (
    event text not null,
    identity text not null,                 -- email:..., badge:... or payload:...
    lead_id text not null references leads (id),
    primary key (event, identity, lead_id)
) strict, without rowid;
insert into shared_identities select event, identity, lead_id from identities;
drop table identities;
alter table shared_identities rename to identities;
"""


@migrations()
def m005_identities_that_several_share(db: Database) -> None:
    """Allow several leads with one identity: an id that everybody has, or the address of a whole company."""
    for statement in _SHARED.strip().split(";\n"):
        db.execute(statement)


_INTAKE = """
create table devices (
    id text primary key,                    -- the part of its token that is no secret
    name text not null,
    role text not null check (role in ('post', 'read', 'manage')),
    secret_hash blob not null,              -- SHA-256; the secret itself is known to the device alone
    made_at real not null,
    revoked_at real,
    seen_at real
) strict;
create table pairings (
    code_hash blob primary key,             -- SHA-256 of what the kiosk shows as a QR code
    name text not null,
    role text not null check (role in ('post', 'read', 'manage')),
    boot text not null,
    until real not null,                    -- seconds since that boot
    used_at real
) strict, without rowid;
create table posted (
    client_id text primary key,             -- made by the device that posted it
    lead_id text not null references leads (id),
    at real not null
) strict, without rowid
"""


@migrations()
def m006_devices_and_what_they_posted(db: Database) -> None:
    """Let other devices post leads: which devices may, and which of their ids is which lead."""
    for statement in _INTAKE.split(";\n"):
        db.execute(statement)


_IMPORTED = """
create table imported (
    content_hash blob primary key,          -- SHA-256 of what a row of a list says, however it is written
    lead_id text not null references leads (id),
    at real not null
) strict, without rowid
"""


@migrations()
def m007_rows_that_were_imported(db: Database) -> None:
    """Remember which rows of lists were imported, so that none is imported twice."""
    db.execute(_IMPORTED)


_ALERTS = """
create table alerts (
    id text primary key,                    -- a UUIDv7, by which a receiver knows it again
    cause text not null,                    -- errors, queue, sender, disk, clock, sign-in, set-up
    sentence text not null,
    advice text not null,                   -- what to do
    since real not null,
    over_at real,                           -- null: it is not over
    told_at real,                           -- null: the webhook does not know of it yet
    told_over_at real
) strict;
create unique index alerts_open on alerts (cause) where over_at is null
"""


@migrations()
def m008_alerts(db: Database) -> None:
    """Remember alerts and whether they were reported: once per cause, whichever process notices it."""
    for statement in _ALERTS.split(";\n"):
        db.execute(statement)


_POSTED_BY_DEVICE = """
create table posted_by_device (
    client_id text not null,                -- made by the device that posted it
    device_id text not null,                -- that device; empty for what came in a list
    lead_id text not null references leads (id),
    content_hash blob,                      -- SHA-256 of what was posted last; null where nobody knows
    at real not null,
    primary key (client_id, device_id)
) strict, without rowid;
insert into posted_by_device select client_id, '', lead_id, null, at from posted;
drop table posted;
alter table posted_by_device rename to posted
"""


@migrations()
def m009_ids_are_a_device_s_own(db: Database) -> None:
    """Let two devices use the same id for two people, and remember the hash of the last post."""
    for statement in _POSTED_BY_DEVICE.split(";\n"):
        db.execute(statement)


@migrations()
def m010_whose_the_remote_ids_are(db: Database) -> None:
    """Remember which CRM gave a lead its id: in another CRM the same id may be somebody else."""
    db.execute("alter table outbox add column destination text not null default ''")


_PAUSED = """
create table paused (
    id integer primary key check (id = 1),  -- one row while sending is paused, none else
    wall_at real not null,                  -- what the clock said, seconds since 1970 UTC
    boot_id text not null,
    monotonic real not null,                -- seconds since that boot
    operator text not null
) strict
"""


@migrations()
def m011_paused(db: Database) -> None:
    """Remember that a person paused sending, since when and who, for all processes and across restarts."""
    db.execute(_PAUSED)


_REPAIRS = """
create table repairs (
    file text primary key,                  -- a damaged database that was set aside, by its name
    at real not null,                       -- what the clock said when it was read, seconds since 1970 UTC
    leads integer not null,                 -- that could be read in it, and were not here
    sentence text not null
) strict
"""


@migrations()
def m012_repairs(db: Database) -> None:
    """Remember which damaged databases were read, so that none is read twice, and what was found."""
    db.execute(_REPAIRS)


_ONE_RECORD = """
alter table outbox add column shared_id text;    -- the CRM's id that another lead has too; a person must look
alter table outbox add column accepted_id text;  -- the id of which a person said that both leads are that record
create index outbox_remote on outbox (remote_id, destination) where remote_id is not null;
"""


@migrations()
def m016_two_leads_in_one_record(db: Database) -> None:
    """Find leads that a CRM stores as one record, and remember a person's decision about that."""
    for statement in _ONE_RECORD.strip().split("\n"):
        db.execute(statement)


_LEARNED = """
create table batch_sizes (
    destination text primary key,
    size integer not null,                  -- the largest batch that the CRM is known to take
    at real not null                        -- when that was found out, seconds since 1970 UTC
) strict, without rowid;
create table clocks_set (
    boot_id text primary key                -- during which somebody set the clock: the scans before are dated by it
) strict, without rowid;
drop view scan_times;
create view scan_times as
    select scans.*,
           case when boots.synced or clocks_set.boot_id is not null then boots."offset" + scans.monotonic
                else scans.wall_at end as at
      from scans
      left join boots using (boot_id)
      left join clocks_set using (boot_id)
"""


@migrations()
def m017_batch_sizes_and_clocks_set_by_hand(db: Database) -> None:
    """Remember the batch size of a CRM; date scans by a clock that was set later, whoever set it."""
    for statement in _LEARNED.split(";\n"):
        if statement.strip():
            db.execute(statement)


_OWN_WORDS = """
alter table actions add column changes text not null default '{}';  -- field -> [old value, new value]
alter table posted add column said text;    -- what was posted last, by field; null: what the first scan holds
alter table posted add column own text;     -- what of it this post put into the lead; null: the same
create index posted_lead on posted (lead_id)
"""


@migrations()
def m014_old_values_and_who_said_what(db: Database) -> None:
    """Keep old values in the history, and what each device posted: it may correct that, but nothing of others."""
    for statement in _OWN_WORDS.strip().split("\n"):
        db.execute(statement.partition(";")[0])


_ATTENDEE_IDS = """
create table attendee_ids (
    event text not null,
    other_id text not null,                 -- what the person's badge may hold instead of attendees.badge_id
    badge_id text not null,
    primary key (event, other_id)
) strict, without rowid
"""


@migrations()
def m020_other_ids_of_attendees(db: Database) -> None:
    """Find an attendee by any id on the organiser's list: of the ticket, the badge or the registration."""
    db.execute(_ATTENDEE_IDS)


@migrations()
def m021_without_unused_consent_columns(db: Database) -> None:
    """Drop five columns that no version has read or written."""
    for name in ("wording", "language", "given", "at", "operator"):
        db.execute(f"alter table leads drop column consent_{name}")
