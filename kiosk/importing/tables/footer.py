"""Lines below a list that do not belong to it: totals, and remarks about the report."""

import re
from collections.abc import Sequence

from data.language import N_, _
from kiosk.importing.columns.headings import to_canonical

# The first cells of totals, in our languages.
_TOTAL_WORDS = (
    "total | totals | grand total | sum | subtotal | count | summe | gesamt | gesamtsumme | "  # not shown: data
    "insgesamt | anzahl | somme | total général | suma | total general | totale | totaal | totalt | i alt | yhteensä | "
    "razem | celkem | összesen | toplam | итого | всего | 合計 | 計 | 合计 | 总计 | 總計 | 합계 | 총계 | records | "
    "rows | number of records"
)
_TOTALS = frozenset(map(to_canonical, _TOTAL_WORDS.split(" | ")))
_TOTAL = re.compile(r"([^\d:]{2,30}?)\s*[:：=]?\s*[\d.,]*", re.DOTALL)
_SENTENCE = re.compile(
    r"copyright\b|©|confidential information|all rights reserved|generated (?:by|on)\b|report (?:generated|created)"
    r"|exported (?:by|on|from)\b|end of (?:report|list|file)|erstellt (?:am|von)\b|--+ ?(?:end|ende)\b|page \d+ of \d+",
    re.IGNORECASE,
)

_TOTAL_REASON = N_("looks like a total, not a person")
REPORT_REASON = N_("looks like a remark about the report, not a person")


def find_footer_reason(cells: Sequence[str]) -> str:
    """Return why the row with these *cells* does not belong to the list; empty if it does."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or len(filled) > 3:
        return ""
    total = _TOTAL.fullmatch(filled[0])
    if total and to_canonical(total[1]) in _TOTALS and all(_is_number(cell) for cell in filled[1:]):
        return _(_TOTAL_REASON) if len(filled) > 1 or any(map(str.isdecimal, filled[0])) else ""
    return _(REPORT_REASON) if len(filled) == 1 and _SENTENCE.match(filled[0]) else ""


def _is_number(text: str) -> bool:
    """Return whether *text* is a number as a total has it."""
    return re.fullmatch(r"[\d.,\s]+", text) is not None
