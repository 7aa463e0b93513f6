"""What is kept in a process is never older than the last commit, and never shows what was not committed."""

import pytest
from django.db import transaction

from gridloop.core.org import revisions
from gridloop.core.org.models import Revision

calls = []


def load():
    calls.append(1)
    return Revision.objects.filter(name="probe").values_list("number", flat=True).first()


@pytest.fixture(autouse=True)
def fresh():
    revisions.forget_all()
    calls.clear()
    yield
    revisions.forget_all()


@pytest.mark.django_db(transaction=True)
class TestCommitted:
    def test_a_second_reading_asks_nothing(self, django_assert_num_queries):
        revisions.bump("probe")
        assert revisions.cached("probe", load) == 1
        with django_assert_num_queries(0):
            assert revisions.cached("probe", load) == 1

    def test_a_change_in_this_process_is_seen_at_once(self):
        revisions.bump("probe")
        revisions.cached("probe", load)
        with transaction.atomic():
            revisions.bump("probe")
        assert revisions.cached("probe", load) == 2

    def test_a_change_in_another_process_is_seen_after_the_time_to_live(self, settings):
        revisions.bump("probe")
        revisions.cached("probe", load)
        Revision.objects.filter(name="probe").update(number=7)  # as another process would
        assert revisions.cached("probe", load) == 1
        settings.REVISION_TTL_S = 0
        assert revisions.cached("probe", load) == 7

    def test_an_unchanged_number_costs_one_query_and_no_load(self, settings, django_assert_num_queries):
        settings.REVISION_TTL_S = 0
        revisions.bump("probe")
        revisions.cached("probe", load)
        with django_assert_num_queries(1):
            revisions.cached("probe", load)
        assert len(calls) == 1

    def test_all_numbers_are_compared_with_one_statement(self, settings, django_assert_num_queries):
        for name in ("probe", "other"):
            revisions.bump(name)
            revisions.cached(name, load)
        settings.REVISION_TTL_S = 1000
        revisions.bump("third")  # so that the next reader looks again
        calls.clear()
        for kept in revisions._kept.values():
            kept.checked_at -= 2000
        with django_assert_num_queries(1):
            revisions.cached("probe", load)
            revisions.cached("other", load)
        assert calls == []

    def test_a_number_that_is_not_committed_is_told_to_no_other_reader(self, settings):
        settings.REVISION_TTL_S = 0
        revisions.bump("probe")
        revisions.cached("probe", load)
        settings.REVISION_TTL_S = 1000
        with transaction.atomic():
            revisions.bump("probe")
            revisions.forget("other")
            revisions.cached("other", load)  # looks while the bump is not committed
            assert revisions._seen == []

    def test_what_was_rolled_back_is_forgotten(self):
        revisions.bump("probe")
        assert revisions.cached("probe", load) == 1
        with transaction.atomic():
            revisions.bump("probe")
            assert revisions.cached("probe", load) == 2
            transaction.set_rollback(True)
        assert revisions.cached("probe", load) == 1

    def test_a_rolled_back_savepoint_takes_its_reading_with_it(self):
        with transaction.atomic():
            revisions.bump("probe")
            assert revisions.cached("probe", load) == 1
            with transaction.atomic():
                revisions.bump("probe")
                assert revisions.cached("probe", load) == 2
                transaction.set_rollback(True)
            assert revisions.cached("probe", load) == 1

    def test_names_do_not_disturb_each_other(self):
        revisions.bump("probe")
        revisions.cached("probe", load)
        revisions.bump("other")
        revisions.cached("probe", load)
        assert len(calls) == 1


@pytest.mark.django_db
def test_within_the_writing_transaction_one_load_serves_all_readings():
    revisions.bump("probe")
    assert [revisions.cached("probe", load) for _ in range(3)] == [1, 1, 1]
    assert len(calls) == 1
