"""Backup and restore as a person types them: one file, read again before it is trusted."""

import json
import os
import tarfile
from pathlib import Path

import psycopg
import pytest

from gridloop.config import archive
from gridloop.config.archive import BadBackup
from gridloop.config.pgtools import ToolFailed, Tools
from gridloop.config.postgres import VERSION, address, running
from tests.config.programs import gridloop


@pytest.fixture(scope="module")
def town(new_folder) -> Path:
    """A data folder with one person in the database and one attachment."""
    data = new_folder() / "data"
    assert gridloop(data, "migrate").returncode == 0
    with running(data) as url:
        write_person(url, "王明")
    attachment = data / "files/ab/cdef"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(b"a photo")
    return data


@pytest.fixture(scope="module")
def saved(town, new_folder) -> Path:
    file = new_folder() / "town.tar"
    done = gridloop(town, "backup", str(file))
    assert done.returncode == 0, done.stderr
    assert f"备份完成并已核验：{file}" in done.stdout
    return file


def write_person(url: str, name: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO org_user (username, full_name, phone, password, is_superuser, is_staff, is_active, email,"
            " date_joined) VALUES (%s, %s, '', '', false, false, true, '', now())",
            [name, name],
        )


def people(data: Path) -> list[str]:
    with running(data) as url, psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute("SELECT full_name FROM org_user ORDER BY id")]


def test_one_file_holds_database_attachments_and_secrets_and_only_its_owner_reads_it(saved):
    with tarfile.open(saved) as tar:
        names = tar.getnames()
    assert names == [
        "database.dump",
        "secrets/field_key",
        "secrets/secret_key",
        "files/ab/cdef",
        "manifest.json",
    ]
    assert saved.stat().st_mode & 0o077 == 0
    assert not saved.with_name("town.tar.part").exists()


def test_a_backup_never_overwrites_another(town, saved):
    before = saved.read_bytes()
    done = gridloop(town, "backup", str(saved))
    assert done.returncode == 1
    assert "不会覆盖旧备份" in done.stderr
    assert saved.read_bytes() == before


def test_without_a_name_it_goes_into_the_data_folder(town):
    assert gridloop(town, "backup").returncode == 0
    (made,) = (town / "backups").iterdir()
    assert made.name.startswith("gridloop-2")
    made.unlink()


def test_a_fresh_folder_gets_everything_back(saved, town, tmp_path):
    done = gridloop(tmp_path / "data", "restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert people(tmp_path / "data") == ["王明"]
    assert (tmp_path / "data/files/ab/cdef").read_bytes() == b"a photo"
    for name in ("field_key", "secret_key"):
        assert (tmp_path / "data/secrets" / name).read_text() == (town / "secrets" / name).read_text()
        assert (tmp_path / "data/secrets" / name).stat().st_mode & 0o077 == 0
    assert gridloop(tmp_path / "data", "migrate").stderr.strip() == "数据库已是最新。"


def test_data_that_is_there_is_replaced_only_after_being_asked(saved, tmp_path):
    data = tmp_path / "data"
    assert gridloop(data, "migrate").returncode == 0
    with running(data) as url:
        write_person(url, "李红")
    refused = gridloop(data, "restore", str(saved))
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    declined = gridloop(data, "restore", str(saved), "--replace", answer="n\n")
    assert (declined.returncode, "已取消" in declined.stderr) == (1, True)
    assert people(data) == ["李红"]
    own_key = (data / "secrets/field_key").read_text()
    assert gridloop(data, "restore", str(saved), "--replace", answer="y\n").returncode == 0
    assert people(data) == ["王明"]
    (kept,) = data.glob("secrets.2*")
    assert (kept / "field_key").read_text() == own_key


def test_nothing_is_restored_under_a_running_program(saved, town):
    with running(town) as url, psycopg.connect(url):
        done = gridloop(town, "restore", str(saved), "--replace", "--yes")
    assert done.returncode == 1
    assert "请先停止 gridloop serve" in done.stderr


def test_a_changed_or_cut_off_or_foreign_file_is_refused_before_anything_is_touched(saved, tmp_path):
    changed, cut, foreign = tmp_path / "changed.tar", tmp_path / "cut.tar", tmp_path / "foreign.tar"
    changed.write_bytes(saved.read_bytes().replace(b"a photo", b"a phony"))
    cut.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    foreign.write_text("not a tar")
    for file, said in ((changed, "files/ab/cdef"), (cut, "损坏"), (foreign, "不是备份文件")):
        done = gridloop(tmp_path / "data", "restore", str(file))
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_a_backup_of_a_newer_version_is_refused(saved, tmp_path):
    newer = tmp_path / "newer.tar"
    archive.extract(saved, tmp_path / "unpacked")
    contents = archive.members(tmp_path / "unpacked/database.dump", {})
    manifest = archive.Manifest("2030-01-01", "9.9", 18, ["cases.9999_from_the_future"], with_files=False)
    archive.write(newer, manifest, contents, lambda *_: None)
    done = gridloop(tmp_path / "data", "restore", str(newer))
    assert done.returncode == 1
    assert "较新的版本 9.9" in done.stderr


def test_a_dump_that_cannot_be_loaded_leaves_the_database_as_it_was(town, tmp_path):
    with running(town) as url:
        dump = tmp_path / "database.dump"
        tools = Tools(url, VERSION)
        tools.dump(dump)
        tools.check(dump)
        dump.write_bytes(dump.read_bytes()[:-2000])
        with pytest.raises(ToolFailed, match="没有完成"):
            tools.load(dump)
    assert people(town) == ["王明"]


def test_the_password_of_the_database_stands_on_no_command_line():
    tools = Tools("postgresql://town:geheim@db.example/gridloop", VERSION)
    assert "geheim" not in tools.target
    assert tools.environ["PGPASSWORD"] == "geheim"


def test_a_file_that_wants_out_of_its_folder_is_not_unpacked(tmp_path):
    evil = tmp_path / "evil.tar"
    (tmp_path / "x").write_text("x")
    with tarfile.open(evil, "w") as tar:
        tar.add(tmp_path / "x", "../../escaped")
    with pytest.raises(BadBackup, match="escaped"):
        archive.extract(evil, tmp_path / "in/here")
    assert not (tmp_path / "escaped").exists()


def test_a_member_that_the_manifest_does_not_name_is_refused(saved, tmp_path):
    stuffed = tmp_path / "stuffed.tar"
    stuffed.write_bytes(saved.read_bytes())
    (tmp_path / "extra").write_text("")
    with tarfile.open(stuffed, "a") as tar:
        tar.add(tmp_path / "extra", "secrets/extra")
    with pytest.raises(BadBackup, match="secrets/extra"):
        archive.read(stuffed, lambda *_: None)


def test_a_file_that_is_dropped_meanwhile_is_left_out_but_never_a_secret_or_the_dump(tmp_path):
    kept = tmp_path / "kept"
    kept.write_bytes(b"photo")
    manifest = archive.Manifest("2026-03-02", "0.1.0", 18, [], with_files=True)
    contents = [("files/a/gone", tmp_path / "gone"), ("files/a/kept", kept)]
    archive.write(tmp_path / "a.tar", manifest, contents, lambda *_: None)
    assert list(archive.read(tmp_path / "a.tar", lambda *_: None).sha256) == ["files/a/kept"]
    for name in ("database.dump", "secrets/field.key"):
        with pytest.raises(FileNotFoundError):
            archive.write(
                tmp_path / f"{name[:3]}.tar", manifest, [(name, tmp_path / "gone")], lambda *_: None
            )


def test_the_manifest_says_what_it_is_of(saved):
    with tarfile.open(saved) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    assert (manifest["format"], manifest["postgres"], manifest["with_files"]) == (1, VERSION, True)
    assert "org.0001_initial" in manifest["migrations"]


def test_the_address_of_the_folder_is_what_the_tools_get(town):
    assert os.fspath(town / "postgres") in Tools(address(town), VERSION).target
