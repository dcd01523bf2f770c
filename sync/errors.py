"""
What can go wrong with a destination.

    SyncError                  the base class, never raised itself
    ├── BatchRefused           the CRM understood the batch and refused it whole: halve it
    ├── OutcomeUnknown         the request may have been accepted: send it again under the same ids
    └── DestinationFault       the destination is at fault: the gate closes, no lead's attempts are spent
        ├── Offline            no trustworthy path: no network, an untrusted certificate, a refusing proxy ...
        │   ├── NoInternet     a network without internet access
        │   └── Unreachable    the CRM accepts no connection, and the internet is not known to be gone
        │       └── NoAddress  the name server knows no address for the CRM's host
        ├── LoginPage          the WiFi answers in place of the CRM
        ├── CrmDown            the CRM answers, but not with anything usable
        ├── Throttled          the CRM asked the kiosk to wait
        ├── QuotaExceeded      the calls of the day are used up
        ├── NotAuthorised      the credential is rejected: a person must act
        └── ConfigurationFault address, permission or mapping is wrong: the next lead would fail in the same way

    SendingPaused              nothing went wrong: a person paused sending, so the call was not made
"""

from data.language import N_


class SyncError(Exception):
    """Something kept leads from being delivered; `str()` of it is a sentence for booth staff."""


class SendingPaused(Exception):
    """A person paused sending, so the call was not made. Not a `SyncError`: nothing is at fault."""


class BatchRefused(SyncError):
    """The CRM understood the request and refused it whole, without naming the lead at fault."""

    def __init__(self, sentence: str, *, code: str = "", is_too_big: bool = False, field: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        """The CRM's own code or status, to tell one kind of refusal from another."""
        self.is_too_big = is_too_big
        """Whether there was too much in the request: its size, or what the CRM has to do for it."""
        self.field = field
        """The CRM's name for the wrong field, if it named one."""


class OutcomeUnknown(SyncError):
    """The request went out and no usable answer came back: the CRM may or may not have the leads."""

    def __init__(self, sentence: str, *, lacks_proof: bool = False) -> None:
        super().__init__(sentence)
        self.lacks_proof = lacks_proof
        """Whether a complete, positive answer proved nothing. If that happens twice, the configuration is at fault."""


class DestinationFault(SyncError):
    """The destination is at fault, not a lead."""

    cause = ""
    """The gate's word for it; stored, so never renamed."""

    def __init__(self, sentence: str, *, about_lead: str = "") -> None:
        super().__init__(sentence)
        self.about_lead = about_lead
        """How to describe the problem if it turns out to affect a single lead; empty: as in the sentence."""


class Offline(DestinationFault):
    """There is no trustworthy path to the CRM, which cannot have received a complete request."""

    cause = N_("offline")


class NoInternet(Offline):
    """There is a network, but no internet access."""

    cause = N_("no internet")


class Unreachable(Offline):
    """The CRM accepts no connection, and the internet is not known to be gone."""

    cause = N_("CRM unreachable")


class NoAddress(Unreachable):
    """There is internet access, and no address for the CRM's host."""


class LoginPage(DestinationFault):
    """A captive portal or a filter answered in place of the CRM."""

    cause = N_("login page")


class CrmDown(DestinationFault):
    """The CRM answered with an error of its own, or with something that is not an answer."""

    cause = N_("CRM down")


class Throttled(DestinationFault):
    """The CRM asked the kiosk to wait."""

    cause = N_("throttled")

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        """Seconds to wait, if the CRM named them."""


class QuotaExceeded(DestinationFault):
    """The calls of the day are used up."""

    cause = N_("quota")

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        """Seconds until the CRM accepts calls again, if that is known."""


class NotAuthorised(DestinationFault):
    """The CRM rejects our credential; it waits for a person or for a changed one."""

    cause = N_("not authorised")


class ConfigurationFault(DestinationFault):
    """The CRM cannot work with us as configured; it waits for a person."""

    cause = N_("set-up")
    is_for_all_leads = False
    """Whether all leads are known to be affected, so that no other lead has to be tried first."""
