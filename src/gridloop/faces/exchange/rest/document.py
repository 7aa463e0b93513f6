"""What the OpenAPI document says beyond what Ninja knows: refusals, entity tags, files."""

from collections.abc import Iterator
from typing import Any

from gridloop.base.shell.errors import PROBLEM
from gridloop.faces.exchange.rest.schemas import ProblemOut

REFUSALS = {
    400: "The body cannot be read as JSON or as a form.",
    401: "No key came along, or one that is unknown, expired or revoked.",
    403: "The key, its post, or the rules of the case do not allow it.",
    404: "There is no such thing, or the key may not know of it.",
    409: "The state of the case stands against it, or somebody else was quicker.",
    412: "The case is no longer at the version of If-Match.",
    413: "The body is larger than what is read.",
    415: "The body is of another kind than this operation reads.",
    422: "Something in the request cannot be used as it stands; `errors` names it.",
    429: "The key has used up its calls of this minute; see Retry-After.",
}
_HEADERS = {
    "ETag": "The version of the case, to be sent back as If-Match.",
    "Location": "Where the case can be read.",
    "Retry-After": "Seconds until the next call is let in.",
    "WWW-Authenticate": "How to bring a key.",
}


def complete(schema: dict[str, Any]) -> None:
    """Add to each operation the refusals that it can give and the headers of its answers."""
    schema["components"]["schemas"]["ProblemOut"] = ProblemOut.model_json_schema()
    for operation in operations(schema):
        operation["responses"] = responses = {str(k): v for k, v in operation["responses"].items()}
        for status in sorted(_refusals(operation)):
            responses[str(status)] = {
                "description": REFUSALS[status],
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
            }
        responses["401"]["headers"] = _header("WWW-Authenticate")
        responses["429"]["headers"] = _header("Retry-After", "integer")
        _tell_of_headers(responses)
        form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
        if form is not None:
            form["schema"]["additionalProperties"] = False  # as every JSON body says of itself


def operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every operation of the document."""
    for path in schema["paths"].values():
        yield from path.values()


def query_names(schema: dict[str, Any]) -> dict[tuple[str, str], frozenset[str]]:
    """Return for each operation, by path and method, which parameters its query can have."""
    return {
        (path, method): frozenset(p["name"] for p in operation["parameters"] if p["in"] == "query")
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def _refusals(operation: dict[str, Any]) -> set[int]:
    # A query parameter that nobody knows is refused by every operation.
    found = {401, 422, 429}
    places = {(p["in"], p["name"]) for p in operation["parameters"]}
    if any(place == "path" for place, _name in places):
        found |= {403, 404}
    if ("header", "If-Match") in places:
        found |= {409, 412}
    if "requestBody" in operation:
        found |= {400, 403, 409, 413, 415}
    if operation["operationId"] in {"list_cases", "report", "copy"}:
        found |= {403}
    return found


def _tell_of_headers(responses: dict[Any, Any]) -> None:
    for status, response in responses.items():
        reference = str(response.get("content", {}).get("application/json", {}))
        if "Case" in reference.rsplit("/", 1)[-1] and "CasesOut" not in reference:
            response["headers"] = _header("ETag")
        if status == "201":
            response["headers"] = _header("ETag") | _header("Location")


def _header(name: str, kind: str = "string") -> dict[str, Any]:
    return {name: {"description": _HEADERS[name], "required": True, "schema": {"type": kind}}}
