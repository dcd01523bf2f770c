"""A small part of SOQL: fields of Lead, one condition, a limit."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_QUERY_PATTERN = re.compile(
    r"\s*select\s+(?P<fields>\w+(?:\s*,\s*\w+)*|count\(\))\s+from\s+lead"
    r"(?:\s+where\s+(?P<name>\w+)\s*=\s*'(?P<value>(?:[^'\\]|\\.)*)')?(?:\s+limit\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE,
)


def execute_query(query: str, leads: Sequence[Mapping[str, Any]], path: str) -> dict[str, Any]:
    """
    Return what *query* finds in *leads*; *path* is the address of Leads.

    Raises:
        ValueError: the query is not in the supported part of SOQL.
    """
    found = _QUERY_PATTERN.fullmatch(query)
    if found is None:
        raise ValueError("unexpected token: only SELECT fields FROM Lead WHERE field = 'value' LIMIT n is understood")
    wanted = leads
    if found["name"]:
        value = re.sub(r"\\(.)", r"\1", found["value"])
        wanted = [lead for lead in leads if str(lead.get(found["name"]) or "").lower() == value.lower()]
    if found["fields"].lower() == "count()":
        return {"totalSize": len(wanted), "done": True, "records": []}
    names = re.split(r"\s*,\s*", found["fields"])
    rows = [
        {"attributes": {"type": "Lead", "url": f"{path}/{lead['Id']}"}, **{name: lead.get(name) for name in names}}
        for lead in wanted[: int(found["limit"] or len(wanted))]
    ]
    return {"totalSize": len(rows), "done": True, "records": rows}
