"""`gridloop audit`: what it says and how it exits; and the job that seals by night."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.core.audit.commands import audit
from gridloop.core.audit.models import Seal
from gridloop.core.audit.tasks import seal_days
from tests.core.audit.factories import STREAMS, alter, write_log

pytestmark = pytest.mark.django_db


def test_a_whole_log_exits_0_and_shows_the_newest_seal() -> None:
    write_log()
    CliRunner().invoke(audit, ["seal"])
    answer = CliRunner().invoke(audit, ["verify"])
    assert answer.exit_code == 0, answer.output
    assert "记录完好" in answer.output
    assert "共核验 12 条记录、3 个对象、1 次封存；尚未封存 0 条" in answer.output
    assert bytes(Seal.objects.newest().digest).hex() in answer.output


def test_a_broken_log_exits_1_and_names_the_link() -> None:
    write_log()
    alter("note = 'x'", STREAMS[1], 3)
    answer = CliRunner().invoke(audit, ["verify"])
    assert answer.exit_code == 1
    assert f"{STREAMS[1]} 的第 3 条被改动" in answer.output
    assert "记录完好" not in answer.output


def test_sealing_says_what_was_sealed_and_a_second_time_that_there_is_nothing() -> None:
    write_log()
    yesterday = timezone.localdate() - timedelta(days=1)
    first = CliRunner().invoke(audit, ["seal"])
    assert f"封存 {yesterday}：12 条，摘要" in first.output
    assert "没有需要封存的日期" in CliRunner().invoke(audit, ["seal"]).output


def test_a_day_given_by_name_is_sealed() -> None:
    answer = CliRunner().invoke(audit, ["seal", "--day", "2026-03-02"])
    assert answer.exit_code == 0, answer.output
    assert "封存 2026-03-02：0 条" in answer.output


def test_a_day_that_is_no_date_is_refused_with_the_form_wanted() -> None:
    answer = CliRunner().invoke(audit, ["seal", "--day", "昨天"])
    assert answer.exit_code == 2


def test_the_job_seals_yesterday_and_is_due_every_hour() -> None:
    seal_days(timestamp=0)
    seal_days(timestamp=0)
    assert [seal.day for seal in Seal.objects.all()] == [timezone.localdate() - timedelta(days=1)]
    crons = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
    assert crons["gridloop.core.audit.tasks.seal_days"] == "7 * * * *"
    assert crons["gridloop.core.cases.tasks.resume_suspended"] == "* * * * *"
