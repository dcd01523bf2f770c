"""An org's error responses, and the count of its calls in 24 hours."""

import time
from collections import deque

from starlette.responses import JSONResponse, Response

from sync.practice_crm.fault_injection import FaultInjector

_DAY_SECONDS = 24 * 3600.0


class SalesforceResponses:
    """Error responses are a list with a code; every response has a header with the usage of the day."""

    def __init__(self, fault_injector: FaultInjector) -> None:
        self.fault_injector = fault_injector
        self.call_times: deque[float] = deque()

    def prune_call_times(self) -> deque[float]:
        """Drop calls older than 24 hours, and return the times of the others."""
        while self.call_times and time.monotonic() - self.call_times[0] >= _DAY_SECONDS:
            self.call_times.popleft()
        return self.call_times

    def build_usage_header(self) -> dict[str, str]:
        """Build the header with the number of calls used."""
        return {
            "Sforce-Limit-Info": f"api-usage={len(self.prune_call_times())}/{self.fault_injector.faults.daily_calls}"
        }

    def answer_error(self, status: int, code: str, words: str) -> Response:
        """Respond with an error for a whole call: a list."""
        return JSONResponse([{"message": words, "errorCode": code}], status, headers=self.build_usage_header())

    def answer_unauthorised(self) -> Response:
        """Respond 401."""
        return self.answer_error(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def answer_forbidden(self) -> Response:
        """Respond 403: the user lacks a permission."""
        return self.answer_error(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")

    def answer_throttled(self, seconds: float) -> Response:
        """Respond 403, without a time to wait."""
        return self.answer_error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")

    def answer_quota_used_up(self) -> Response:
        """Respond 403."""
        return self.answer_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    def answer_down(self) -> Response:
        """Respond 503."""
        return self.answer_error(503, "SERVER_UNAVAILABLE", "We are down for maintenance. Sorry for the inconvenience.")

    def answer_not_found(self) -> Response:
        """Respond 404."""
        return self.answer_error(404, "NOT_FOUND", "The requested resource does not exist")

    def answer_no_such_key(self, name: str) -> Response:
        """Respond 404 for a field that is not an external id."""
        return self.answer_error(
            404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}"
        )

    def answer_internal_error(self) -> Response:
        """Respond 500."""
        return self.answer_error(
            500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 1-1"
        )
