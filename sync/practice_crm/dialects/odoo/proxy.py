"""The proxy in front of Odoo: it responds when Odoo is down, and limits calls, which Odoo itself does not."""

from math import ceil

from starlette.responses import HTMLResponse, Response

_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"


def error_page(status: int, reason: str, **headers: str) -> Response:
    """Return the proxy's page for *status*."""
    return HTMLResponse(_PAGE.format(f"{status} {reason}"), status, headers=headers)


class BehindProxy:
    """The responses that all of Odoo's dialects share, because they come from the proxy."""

    def answer_throttled(self, seconds: float) -> Response:
        """Respond 429, and say in how many *seconds* the next call is accepted."""
        return error_page(429, "Too Many Requests", **{"Retry-After": str(max(1, ceil(seconds)))})

    def answer_quota_used_up(self) -> Response:
        """Respond 429 for the rest of the day."""
        return error_page(429, "Too Many Requests")

    def answer_down(self) -> Response:
        """Respond 503."""
        return error_page(503, "Service Temporarily Unavailable")
