"""One route for each verb of the loop, made from the verb itself: what it takes is what its action takes."""

import inspect
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.params import functions
from pydantic import Field, Strict, create_model

from gridloop.core.cases.actions import VERBS, Part, Verb
from gridloop.core.cases.actions.handling import MOST_EXTENSION
from gridloop.core.cases.labels import VERBS as LABELS
from gridloop.core.org.middleware import actor_in
from gridloop.faces.exchange.actions import Answer
from gridloop.faces.exchange.rest import codes
from gridloop.faces.exchange.rest.answers import IdempotencyKey, IfMatch, answer, once, with_precondition
from gridloop.faces.exchange.rest.fields import (
    Code,
    Flag,
    Integer,
    Latitude,
    Line,
    Longitude,
    Moment,
    Note,
    Score,
    Title,
    Whole,
)
from gridloop.faces.exchange.rest.schemas import CaseOut, NotedIn, PartIn

router = Router(tags=["verbs"])

# These read files or persons and have routes of their own.
_ELSEWHERE = frozenset({"attach", "reveal_reporter"})
_TYPES: dict[Any, Any] = {str: Note, int: Integer, bool: Flag, datetime: Moment, UUID: UUID}
_FIELD_TYPES: dict[str, Any] = {"lon": Longitude, "lat": Latitude, "title": Title, "address": Line}
_FIELD_TYPES |= {"attitude": Score, "result": Score}
_FIELD_TYPES["amount"] = Annotated[int, Strict(), Field(ge=1, le=MOST_EXTENSION), Whole]
_MOST_PARTS = 20
_FINDERS = {"category": codes.category_id, "region": codes.region_id, "assignee": codes.person_id}


class _Parameter:
    """One parameter of a verb: its name and type in the API, and how it becomes what the action takes."""

    def __init__(self, name: str, hint: Any, default: Any) -> None:
        self.name = name
        self.api_name = _without_id(name)
        self.hint, self.is_optional = _without_none(hint)
        self.default = default

    @property
    def field(self) -> tuple[Any, Any]:
        kind = self._type()
        if self.default is inspect.Parameter.empty:
            return kind, ...
        return (kind | None if self.is_optional else kind), (self.default if self.default != () else [])

    def value(self, given: Any) -> Any:
        """:raises InvalidInput: a code is unknown."""
        if given is None:
            return None
        if self.hint == Iterable[Part]:
            return [part.part() for part in given]
        if self.name.endswith("_ids"):
            return codes.unit_ids(given, self.api_name)
        if self.name.endswith("_id"):
            return _FINDERS.get(self.api_name, codes.unit_id)(given, self.api_name)
        return given

    def _type(self) -> Any:
        if self.hint == Iterable[Part]:
            return list[PartIn]
        if self.api_name != self.name:
            return list[Code] if self.name.endswith("_ids") else Code
        if inspect.isclass(self.hint) and issubclass(self.hint, Enum):
            return self.hint
        return _FIELD_TYPES.get(self.name) or _TYPES[self.hint]


def parameters(verb: Verb) -> list[_Parameter]:
    """Return what the verb takes beside case, actor, time, version and note."""
    hints = get_type_hints(verb.body)
    given = list(inspect.signature(verb.body).parameters.values())[1:]
    return [_Parameter(p.name, hints[p.name], p.default) for p in given]


def _route(verb: Verb) -> None:
    takes = parameters(verb)
    fields: dict[str, Any] = {p.api_name: p.field for p in takes}
    camel = "".join(part.capitalize() for part in verb.name.split("_"))
    body_type = create_model(f"{camel}In", __base__=NotedIn, __doc__=_summary(verb), **fields)
    router.add_api_operation(
        f"/cases/{{uuid:case_id}}/{verb.name}",
        ["POST"],
        _view(verb, takes, body_type),
        response={200: CaseOut},
        operation_id=verb.name,
        summary=str(LABELS[verb.name]),
        description=_summary(verb),
        url_name=verb.name,
    )


def _view(verb: Verb, takes: list[_Parameter], body_type: Any) -> Callable[..., HttpResponse]:
    # Where nothing has to be said, the body may be left out.
    needs_body = any(field.is_required() for field in body_type.model_fields.values())
    given = functions.Body(... if needs_body else body_type())

    def view(
        request: HttpRequest,
        case_id: UUID,
        body: body_type = given,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> HttpResponse:
        def make(version: int | None) -> Answer:
            case = verb(
                case_id,
                actor=actor_in(request),
                at=timezone.now(),
                expected_version=version,
                note=body.note,
                **{p.name: p.value(getattr(body, p.api_name)) for p in takes},
            )
            return answer(CaseOut, case)

        return once(request, idempotency_key, lambda: with_precondition(if_match, make))

    return view


def _summary(verb: Verb) -> str:
    return inspect.cleandoc(verb.body.__doc__ or "").split(":raises")[0].strip()


def _without_id(name: str) -> str:
    return f"{name.removesuffix('_ids')}s" if name.endswith("_ids") else name.removesuffix("_id")


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in (Union, UnionType):
        return hint, False
    left = [each for each in get_args(hint) if each is not type(None)]
    return left[0], len(left) < len(get_args(hint))


for _verb in VERBS.values():
    if _verb.name not in _ELSEWHERE:
        _route(_verb)
