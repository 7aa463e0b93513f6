"""Questions whose SQL is made once are answered as Django's own querysets answer them."""

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from gridloop.base.common.ids import new_id
from gridloop.base.common.keyed import Keyed
from gridloop.core.cases.models import Case, Reporter, WorkOrder
from tests.core.cases import factories
from tests.core.cases.factories import World


def values(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.fixture
def cases(world: World) -> list[Case]:
    return [factories.handling(world), factories.handling(world), factories.reported(world)]


@pytest.mark.django_db
class TestKeyed:
    def test_it_gives_the_rows_of_the_queryset_with_their_relations(self, cases):
        def query(key):
            return WorkOrder.objects.select_related("unit", "assignee", "case").filter(case=key)

        keyed = Keyed(query)
        for case in cases:
            expected = list(query(case.pk))
            with CaptureQueriesContext(connection) as seen:
                rows = keyed(case.pk)
                names = [(row.unit.name, row.assignee, row.case.number) for row in rows]
            assert len(seen) == 1
            assert [values(row) for row in rows] == [values(row) for row in expected]
            assert names == [(row.unit.name, row.assignee, row.case.number) for row in expected]
            assert not any(row._state.adding for row in rows)
        assert keyed(new_id()) == []

    def test_what_is_kept_encrypted_is_read(self, cases):
        Reporter.objects.update_or_create(case=cases[0], defaults={"name": "王先生", "phone": "13800000000"})
        row = Keyed(lambda key: Reporter.objects.filter(case=key))(cases[0].pk)[0]
        assert (row.name, row.phone) == ("王先生", "13800000000")


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction_each_time():
    world = factories.make_world()
    case = factories.reported(world)
    keyed = Keyed(lambda key: Case.objects.select_for_update().filter(pk=key))
    with transaction.atomic():
        assert keyed(case.pk) == [case]
    with pytest.raises(TransactionManagementError):
        keyed(case.pk)
