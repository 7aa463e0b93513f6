"""The OpenAPI document holds for every request that Schemathesis can make of it, good or bad."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from uuid import UUID

import orjson
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils.translation import override
from hypothesis import HealthCheck, settings
from schemathesis import Case, CheckContext, Config, GenerationMode, Response

from gridloop.config.wsgi import application
from gridloop.core.cases.actions import VERBS
from gridloop.faces.exchange.actions.keys import MOST_CALLS_PER_MINUTE
from gridloop.faces.exchange.rest.api import api
from tests.core.cases.factories import IN_STATE, make_world
from tests.faces.exchange.factories import program

pytestmark = pytest.mark.django_db
# A request that fits the document may still not fit the town: no such code, another version.
_TOWN_SAYS_NO = ["2xx", "401", "403", "404", "409", "412", "422", "429"]
_REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "429"]


@schemathesis.check
def what_the_document_allows_is_not_malformed(ctx: CheckContext, response: Response, case: Case) -> None:
    """Whatever the town refuses, it never says that a request made by the document is not made by it."""
    is_good = case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
    if is_good and response.status_code in {400, 413, 415, 422}:
        assert response.json()["code"] not in {"malformed", "bad-request"}, response.text


schema = schemathesis.openapi.from_dict(
    orjson.loads(orjson.dumps(api.get_openapi_schema())),
    config=Config.from_dict(
        {
            "generation": {"deterministic": True, "max-examples": 20, "database": "none"},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": _TOWN_SAYS_NO},
                "negative_data_rejection": {"expected-statuses": _REFUSED},
            },
        }
    ),
)
schema.app = application


@dataclass
class Ground:
    """A program with every scope, and the keys of cases, one in every state."""

    secret: str
    cases: Iterator[str]
    turns: Iterator[bool]


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[Ground]:
    """A town for all operations, rolled back at the end; each request is rolled back by itself."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        cases = cycle([str(make(world).pk) for make in IN_STATE.values()])
        yield Ground(program(calls_per_minute=MOST_CALLS_PER_MINUTE).secret, cases, cycle([False, True]))
        transaction.set_rollback(True)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


# What stands for a thing of this town in a good request, so that some of them come through.
_OF_THIS_TOWN = {
    "category": "0102", "region": "320499101201", "lead_unit": "office", "assist_units": ["v1"], "unit": "v1",
    "from_unit": "office", "to_unit": "v1",
}  # fmt: skip


@schema.parametrize()
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_every_answer_is_one_that_the_document_tells_of(case: Case, ground: Ground) -> None:
    if "case_id" in case.path_parameters and is_uuid(case.path_parameters["case_id"]):
        case.path_parameters["case_id"] = next(ground.cases)
    if case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE:
        make_fit(case, ground)
    with transaction.atomic():
        case.call_and_validate(headers={"Authorization": f"Bearer {ground.secret}"})
        transaction.set_rollback(True)


def make_fit(case: Case, ground: Ground) -> None:
    """Let every second good request name things that this town has, and no version."""
    if next(ground.turns):
        return
    case.headers.pop("If-Match", None)
    for place in (case.query, case.body):
        if isinstance(place, dict):
            place |= {name: fit for name, fit in _OF_THIS_TOWN.items() if name in place}
            place |= {name: next(ground.cases) for name in ("into", "other") if name in place}


def is_uuid(value: object) -> bool:
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False


def test_every_verb_of_the_loop_is_in_the_document() -> None:
    told = api.get_openapi_schema()
    names = {o["operationId"] for path in told["paths"].values() for o in path.values()}
    assert names >= set(VERBS) | {"report", "copy", "list_cases", "read_case", "read_log"}


def test_the_document_is_made_once_for_each_language() -> None:
    told = api.get_openapi_schema()
    assert api.get_openapi_schema() is told
    with override("en"):
        assert api.get_openapi_schema() is not told


def test_the_document_asks_for_a_key_everywhere_and_names_it() -> None:
    told = api.get_openapi_schema()
    for path in told["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"KeyBearer": []}]
    assert told["components"]["securitySchemes"]["KeyBearer"]["scheme"] == "bearer"
