"""
Deduplication: which lead, if any, is the same person as one that arrives. docs/deduplication.md explains the steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlite_utils import Database

from data.lead import Lead, lead_from_row
from data.person_matching import have_same_name_and_email, leads_differ, normalize_name

# Limited, because everybody may share an identity: a year printed on all badges is easily mistaken for an id.
_SELECT_CANDIDATES = """
    select leads.*,
           exists (select 1 from scans where lead_id = leads.id and payload_hash = :hash) as has_same_payload
      from identities
      join leads on leads.id = identities.lead_id
     where identities.event = :event and identities.identity = :identity
     order by identities.lead_id
     limit 50
"""


@dataclass(slots=True)
class _Candidate:
    """A lead that may be the same person."""

    lead: Lead
    shared_identity: str
    """The strongest identity that both have."""
    has_same_payload: bool
    """
    Whether this very payload was scanned for it. Then the person is the same, whatever staff changed in the lead since.
    """

    def is_compatible_with(self, new: Lead) -> bool:
        """Return whether nothing that the badge says contradicts the lead."""
        return self.has_same_payload or not leads_differ(
            self.lead, new, same_email=self.shared_identity.startswith("email:")
        )


@dataclass(frozen=True, slots=True)
class LeadMatch:
    """The lead that is the same person, or another one that it must be kept apart from."""

    lead: Lead | None = None
    kept_apart_from: Lead | None = None
    """Another lead that has the same e-mail or id, but is somebody else."""
    shared_identity: str = ""
    """The identity that both have."""


def find_matching_lead(db: Database, new: Lead, identities: Sequence[str], payload_hash: str) -> LeadMatch:
    """
    Find the lead that is the same person as *new*, among those with one of *identities* or with the same payload.

    *identities* come strongest first. The numbers at the ends of lines are the steps in docs/deduplication.md.
    """
    known = _find_candidates(db, new.event, [*identities, f"payload:{payload_hash}"], payload_hash)  # 1
    fitting = [candidate for candidate in known if candidate.is_compatible_with(new)]  # 2
    fitting = _prefer_same_payload(fitting, new)  # 3
    fitting = _drop_ambiguous(fitting, new)  # 4
    if fitting:
        return LeadMatch(fitting[0].lead)  # 5
    if known:
        return LeadMatch(None, known[0].lead, known[0].shared_identity)  # 6
    return LeadMatch()  # 7


def _prefer_same_payload(fitting: list[_Candidate], new: Lead) -> list[_Candidate]:
    """Keep only candidates for whom this very badge was scanned, if there are any and the badge says who it is."""
    if not normalize_name(new.contact.display_name) and not new.contact.email:
        return fitting
    return [candidate for candidate in fitting if candidate.has_same_payload] or fitting


def _drop_ambiguous(fitting: list[_Candidate], new: Lead) -> list[_Candidate]:
    """If the candidates are several people, keep only those with the same name and e-mail as *new*."""
    if any(leads_differ(one.lead, other.lead) for one, other in combinations(fitting, 2)):
        return [candidate for candidate in fitting if have_same_name_and_email(candidate.lead, new)]
    return fitting


def _find_candidates(db: Database, event: str, identities: Sequence[str], payload_hash: str) -> list[_Candidate]:
    """Find the leads with one of *identities*: those that share the strongest first, and of those the oldest first."""
    found: dict[str, _Candidate] = {}
    for identity in dict.fromkeys(identities):
        for row in db.execute(_SELECT_CANDIDATES, {"event": event, "identity": identity, "hash": payload_hash}):
            found.setdefault(row["id"], _Candidate(lead_from_row(row), identity, bool(row["has_same_payload"])))
    return list(found.values())
