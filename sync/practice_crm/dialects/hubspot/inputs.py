"""Parses and checks the inputs of a batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.practice_crm.dialects.hubspot.problems import HubSpotProblem

# How many inputs a call may have.
_MAX_INPUTS = 100


def parse_inputs(document: Any) -> list[dict[str, Any]]:
    """
    Return the inputs of a batch, each with an id and properties, whose values are strings.

    Raises:
        HubSpotProblem: the body is something else.
    """
    inputs = document.get("inputs") if isinstance(document, dict) else None
    if not isinstance(inputs, list) or not all(isinstance(item, dict) for item in inputs):
        raise HubSpotProblem("Invalid input JSON on line 1, column 1: Some required fields were not set: [inputs]")
    for item in inputs:
        if not isinstance(item.get("id"), str) or not item["id"] or not isinstance(item.get("properties"), dict):
            raise HubSpotProblem(
                "Invalid input JSON on line 1, column 1: Some required fields were not set: [id, properties]"
            )
        if not all(isinstance(value, str) for value in item["properties"].values()):
            raise HubSpotProblem(
                "Invalid input JSON on line 1, column 1: Cannot deserialize value of type `java.lang.String`"
            )
    return inputs


def check_batch(inputs: Sequence[Mapping[str, Any]]) -> None:
    """Raise HubSpotProblem if the whole call is refused, before its inputs are looked at one by one."""
    if not inputs:
        raise HubSpotProblem("Invalid input JSON: inputs must not be empty")
    if len(inputs) > _MAX_INPUTS:
        raise HubSpotProblem(
            f"The maximum number of inputs supported in a batch request for contacts is {_MAX_INPUTS}."
        )
    keys = [(str(item["id"]).lower() if item.get("idProperty") == "email" else str(item["id"])) for item in inputs]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        message = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
        raise HubSpotProblem(message, context={"ids": twice})


def echo_trace_id(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the trace id of an input, as its result repeats it."""
    return {"objectWriteTraceId": item["objectWriteTraceId"]} if item.get("objectWriteTraceId") else {}
