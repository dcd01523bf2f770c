"""Whose badge this is, of those who are known by the same e-mail, id or payload; nobody's where that is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlite_utils import Database

from data.lead import Lead, lead_from_row
from data.person_matching import has_same_name_and_email, leads_differ, normalize_name

_SELECT_CANDIDATES = """
    select leads.*,
           exists (select 1 from scans where lead_id = leads.id and payload_hash = :hash) as seen
      from identities
      join leads on leads.id = identities.lead_id
     where identities.event = :event and identities.identity = :identity
     order by identities.lead_id
     limit 50
"""
"""The oldest of those who share an identity: where a year is taken for an id, everybody does."""


@dataclass(slots=True)
class _Candidate:
    """A lead that the badge may be of."""

    lead: Lead
    shared_identity: str
    """The strongest identity by which it is known, and which the badge has too."""
    has_same_payload: bool
    """Whether this very payload was scanned for it; what people mended in it since then contradicts nothing."""

    def is_compatible_with(self, new: Lead) -> bool:
        """Whether nothing that the badge says is against it."""
        return self.has_same_payload or not leads_differ(
            self.lead, new, same_email=self.shared_identity.startswith("email:")
        )


@dataclass(frozen=True, slots=True)
class LeadMatch:
    """Whose badge it is, or whom it must be kept apart from."""

    lead: Lead | None = None
    kept_apart_from: Lead | None = None
    """Who has the same e-mail or id, and is somebody else."""
    shared_identity: str = ""
    """The identity that both have."""


def find_matching_lead(db: Database, new: Lead, identities: Sequence[str], payload_hash: str) -> LeadMatch:
    """
    The lead that *new* is, known by one of *identities* (strongest first) or by its payload.

    Two people who share an id or an address stay two, and a badge that fits both is neither's.
    """
    known = _find_candidates(db, new.event, [*identities, f"payload:{payload_hash}"], payload_hash)
    fitting = [candidate for candidate in known if candidate.is_compatible_with(new)]
    if normalize_name(new.contact.display_name) or new.contact.email:
        fitting = [candidate for candidate in fitting if candidate.has_same_payload] or fitting
    if any(leads_differ(one.lead, other.lead) for one, other in combinations(fitting, 2)):
        fitting = [candidate for candidate in fitting if has_same_name_and_email(candidate.lead, new)]
    if fitting:
        return LeadMatch(fitting[0].lead)
    return LeadMatch(None, known[0].lead, known[0].shared_identity) if known else LeadMatch()


def _find_candidates(db: Database, event: str, identities: Sequence[str], payload_hash: str) -> list[_Candidate]:
    """Who is known by one of *identities*, those first who share the strongest, and of them the oldest."""
    found: dict[str, _Candidate] = {}
    for identity in dict.fromkeys(identities):
        for row in db.execute(_SELECT_CANDIDATES, {"event": event, "identity": identity, "hash": payload_hash}):
            found.setdefault(row["id"], _Candidate(lead_from_row(row), identity, bool(row["seen"])))
    return list(found.values())
