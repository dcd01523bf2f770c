"""
What can go wrong with a destination.

    SyncError                  nobody raises it
    ├── BatchRefused           the CRM understood the batch and refused it whole: halve it
    ├── Unsure                 the request may have been taken: ask again with the same keys
    └── DestinationFault       the destination is at fault: the gate closes, no lead's attempts are spent
        ├── Offline            no network, so no trustworthy path to the CRM
        │   ├── NoInternet     a network, and no internet behind it
        │   └── Unreachable    the internet is there, and the CRM does not take a connection
        │       └── NoAddress  not even an address is known for it
        ├── LoginPage          the WiFi answers in the CRM's place
        ├── CrmDown            the CRM answers, but not sensibly
        ├── Throttled          the CRM asked us to wait
        ├── Quota              the day's calls are used up
        ├── NotAuthorised      the credential is not taken: a person must act
        └── SetUpFault         address, scope or mapping is wrong: the next lead would fail alike

    SendingPaused              nothing went wrong: a person paused sending, so the call was not made
"""


class SyncError(Exception):
    """Something kept leads from being delivered; `str()` of it is a sentence for booth staff."""


class SendingPaused(Exception):
    """A person paused sending: the call was not made. No member of the family, for it is nobody's fault."""


class BatchRefused(SyncError):
    """The CRM understood the request and refused it whole, without naming the lead at fault."""

    def __init__(self, sentence: str, *, code: str = "", is_too_big: bool = False, field: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        """The CRM's own code or status, to tell one kind of refusal from another."""
        self.is_too_big = is_too_big
        """Whether there was too much in the request: its size, or what the CRM has to do for it."""
        self.field = field
        """The CRM's name for what was wrong, where it named one."""


class OutcomeUnknown(SyncError):
    """The request went out and no usable answer came back: the CRM may or may not have the leads."""

    def __init__(self, sentence: str, *, lacks_proof: bool = False) -> None:
        super().__init__(sentence)
        self.lacks_proof = lacks_proof
        """Whether a whole answer came that says yes, without what would prove it: twice, that is the set-up."""


class DestinationFault(SyncError):
    """The destination is at fault, not a lead."""

    cause = ""
    """The gate's word for it."""


class Offline(DestinationFault):
    """There is no trustworthy path to the CRM; nothing was sent."""

    cause = "offline"


class NoInternet(Offline):
    """There is a network, and no internet behind it."""

    cause = "no internet"


class Unreachable(Offline):
    """The CRM takes no connection, while nothing else says that the internet is gone."""

    cause = "CRM unreachable"


class NoAddress(Unreachable):
    """The internet is there, and knows no address for the CRM's host."""


class LoginPage(DestinationFault):
    """A captive portal or a filter answered in the CRM's place."""

    cause = "login page"


class CrmDown(DestinationFault):
    """The CRM answered with an error of its own, or with something that is no answer."""

    cause = "CRM down"


class Throttled(DestinationFault):
    """The CRM asked us to wait."""

    cause = "throttled"

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        """Seconds to wait, where the CRM named them."""


class QuotaExceeded(DestinationFault):
    """The day's calls are used up."""

    cause = "quota"

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        """Seconds until the CRM takes calls again, where that is known."""


class NotAuthorised(DestinationFault):
    """The CRM does not take our credential; it waits for a person or a changed token."""

    cause = "not authorised"


class ConfigurationFault(DestinationFault):
    """The CRM cannot work with us as configured; it waits for a person."""

    cause = "set-up"
