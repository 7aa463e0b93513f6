"""Doctor finds what is wrong and says how to mend it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from gridloop.config.cli import doctor
from gridloop.config.cli.doctor import Level
from gridloop.core.org.actions import set_day
from gridloop.core.org.models import CalendarDay
from tests.config.programs import gridloop

TODAY = timezone.localdate


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir(mode=0o700)
    key = tmp_path / "secrets/field_key"
    key.write_text("key")
    key.chmod(0o600)
    tmp_path.chmod(0o700)
    return tmp_path


def test_a_folder_of_our_own_is_good(data):
    assert doctor.folder(data).level is Level.GOOD
    assert doctor.secrets(data / "secrets").level is Level.GOOD


def test_a_folder_that_is_not_there_or_open_to_others_is_named_with_the_remedy(data):
    assert doctor.folder(data / "nowhere").level is Level.BAD
    data.chmod(0o755)
    found = doctor.folder(data)
    assert (found.level, found.mend) == (Level.WARN, f"chmod go-rw {data}")


def test_a_key_that_others_can_read_is_bad(data):
    (data / "secrets/field_key").chmod(0o640)
    found = doctor.secrets(data / "secrets")
    assert (found.level, found.mend) == (Level.BAD, f"chmod -R go-rwx {data / 'secrets'}")


def test_a_folder_that_cannot_be_written_is_bad(data):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    data.chmod(0o500)
    assert doctor.folder(data).level is Level.BAD


@pytest.mark.parametrize(
    ("limits", "level"), [((0, 0), Level.GOOD), ((0, 10**9), Level.WARN), ((10**9, 10**9), Level.BAD)]
)
def test_a_disk_that_fills_up_is_told_before_it_is_full(data, monkeypatch, limits, level):
    monkeypatch.setattr(doctor, "LEAST_FREE_GB", limits[0])
    monkeypatch.setattr(doctor, "WARN_FREE_GB", limits[1])
    assert doctor.disk(data / "not/yet/there").level is level


def test_packages_missing_from_npm_are_named(settings):
    settings.STATICFILES_DIRS = [pair for pair in settings.STATICFILES_DIRS if pair[0] != "tabler"]
    found = doctor.static_files()
    assert found.level is Level.BAD
    assert "tabler" in found.facts
    assert "make setup" in found.mend


def test_debug_is_bad_and_plain_http_is_pointed_out(settings):
    settings.DEBUG, settings.HTTPS = False, True
    assert doctor.production().level is Level.GOOD
    settings.HTTPS = False
    assert doctor.production().level is Level.WARN
    settings.DEBUG = True
    assert doctor.production().level is Level.BAD


@pytest.mark.django_db
def test_a_year_with_a_gap_is_bad_now_and_a_reminder_for_the_next():
    this, following = TODAY().year, TODAY().year + 1
    assert [f.level for f in doctor.calendar()] == [Level.BAD, Level.WARN]
    fill(this)
    fill(following)
    assert [f.level for f in doctor.calendar()] == [Level.GOOD, Level.GOOD]
    CalendarDay.objects.filter(date=f"{this}-07-01").delete()
    (found, _next) = doctor.calendar()
    assert (found.level, "缺 1 天" in found.facts) == (Level.BAD, True)


@pytest.mark.django_db
def test_a_worker_counts_while_it_tells_that_it_is_alive():
    assert [f.level for f in doctor.jobs()] == [Level.BAD]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert [f.level for f in doctor.jobs()] == [Level.GOOD]
        silent = timezone.now() - timedelta(seconds=doctor.WORKER_SILENT_S + 1)
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = %s", [silent])
    assert [f.level for f in doctor.jobs()] == [Level.BAD]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "age", "said"),
    [
        ("todo", timedelta(minutes=11), "等待超过"),
        ("failed", timedelta(), "失败"),
        ("todo", timedelta(minutes=1), None),
    ],
)
def test_jobs_that_wait_long_or_failed_are_counted(status, age, said):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', %s) RETURNING id",
            [status],
        )
        (job,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_events SET at = %s WHERE job_id = %s AND type = 'deferred'",
            [timezone.now() - age, job],
        )
    told = [f.facts for f in doctor.jobs() if f.level is Level.WARN]
    assert len(told) == (1 if said else 0)
    assert all(said in facts for facts in told)


def test_the_whole_says_what_to_do_and_exits_with_one(tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    fresh = gridloop(tmp_path / "data", "doctor")
    assert fresh.returncode == 1
    assert "修复：gridloop migrate" in fresh.stdout
    broken = gridloop(tmp_path / "data", "doctor", DATABASE_URL="postgresql://x@127.0.0.1:1/none")
    assert broken.returncode == 1
    assert "✗ 数据库" in broken.stdout
    assert "Traceback" not in broken.stderr


def test_settings_that_cannot_be_read_are_a_finding_too(tmp_path):
    done = gridloop(tmp_path, "doctor", GRIDLOOP_POOL_SIZE="many")
    assert done.returncode == 1
    assert "✗ 设置" in done.stdout
    assert "Traceback" not in done.stderr


def fill(year: int) -> None:
    """Every day of the year, as someone would by hand."""
    day = TODAY().replace(year=year, month=1, day=1)
    while day.year == year:
        set_day(day, is_workday=day.weekday() < 5)
        day += timedelta(days=1)


def test_the_settings_name_every_package_that_pages_are_made_from():
    assert set(settings.FROM_NPM) == {"tabler", "maplibre", "echarts"}


def test_a_folder_whose_name_was_mistyped_is_not_made_into_a_system(tmp_path):
    done = gridloop(tmp_path / "typo", "doctor")
    assert done.returncode == 1
    assert "✗ 数据文件夹" in done.stdout
    assert not (tmp_path / "typo").exists()
