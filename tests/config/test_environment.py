"""The database's address in every form, and secrets that are made once and kept to their owner."""

import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from gridloop.config.environment import Environment, database, secret, span
from tests.config.programs import environment

SAY = """
import sys
from pathlib import Path
from gridloop.config.environment import secret
print(secret("GRIDLOOP_FIELD_KEY", Path(sys.argv[1]), {}))
"""


def settings_of(url: str) -> dict:
    return database(url, pool_size=4, timeout_s=30)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://town:geheim@db.example:6543/gridloop",
        "postgres://town:geheim@db.example:6543/gridloop",
        "host=db.example port=6543 user=town password=geheim dbname=gridloop",
    ],
)
def test_an_address_is_read_in_any_form_that_postgresql_reads(url):
    found = settings_of(url)
    assert [found[k] for k in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
        "db.example", "6543", "town", "geheim", "gridloop",
    ]  # fmt: skip


def test_driver_options_are_kept_and_statements_are_bounded():
    options = settings_of("postgresql://db/x?sslmode=verify-full&options=-c%20jit%3Doff")["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["options"] == (
        "-c jit=off -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
    )
    assert options["pool"]["max_size"] == 4


@pytest.mark.parametrize("url", ["nonsense", "postgresql://host/"])
def test_an_address_that_cannot_be_used_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        settings_of(url)


def test_a_value_of_the_wrong_kind_is_refused_by_the_name_of_its_variable(monkeypatch):
    monkeypatch.setenv("GRIDLOOP_POOL_SIZE", "many")
    with pytest.raises(ImproperlyConfigured, match="GRIDLOOP_POOL_SIZE"):
        Environment().int("GRIDLOOP_POOL_SIZE", 16)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    made = secret("GRIDLOOP_FIELD_KEY", tmp_path, {})
    file = tmp_path / "secrets/field_key"
    assert len(made) >= 64
    assert secret("GRIDLOOP_FIELD_KEY", tmp_path, {}) == made == file.read_text().strip()
    assert file.stat().st_mode & 0o077 == file.parent.stat().st_mode & 0o077 == 0
    assert [p.name for p in file.parent.iterdir()] == ["field_key"]


def test_two_secrets_and_two_towns_have_nothing_in_common(tmp_path):
    made = {
        secret(name, tmp_path / town, {})
        for name in ("GRIDLOOP_FIELD_KEY", "GRIDLOOP_SECRET_KEY")
        for town in ("a", "b")
    }
    assert len(made) == 4


def test_the_environments_secret_wins_and_is_not_written_down(tmp_path):
    assert secret("GRIDLOOP_FIELD_KEY", tmp_path, {"GRIDLOOP_FIELD_KEY": "given"}) == "given"
    assert not (tmp_path / "secrets").exists()


def test_programs_that_start_together_agree_on_the_secret(tmp_path: Path):
    command = [sys.executable, "-c", SAY, str(tmp_path)]
    programs = [
        subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = {program.communicate(timeout=60)[0] for program in programs}
    assert len(said) == 1
    assert said == {secret("GRIDLOOP_FIELD_KEY", tmp_path, {}) + "\n"}


def test_a_stretch_of_the_day_is_read_as_people_write_it():
    assert span("09:00 - 12:30") == (time(9), time(12, 30))


@pytest.mark.parametrize("text", ["", "9", "09:00", "09:00-12:00-13:00", "25:00-26:00"])
def test_what_is_no_stretch_of_the_day_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        span(text)
