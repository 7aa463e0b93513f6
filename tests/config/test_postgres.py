"""The database in the data folder: started, shared, stopped, and clear about what stands in its way."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from gridloop.config import postgres
from gridloop.config.postgres import EmbeddedPostgresError, Server, address, running
from tests.config.programs import environment, eventually, is_alive

HOLD = """
import sys
from pathlib import Path
from gridloop.config.postgres import running
with running(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.readline()
"""


class Program:
    """Another program that keeps the database of a folder running until it is told to let go."""

    def __init__(self, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(data)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def is_ready(self) -> bool:
        return self.process.stdout.readline().strip() == "ready"

    def let_go(self) -> int:
        self.process.communicate("\n", timeout=60)
        return self.process.returncode

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def data(new_folder) -> Path:
    """One cluster for the tests that leave it as they find it."""
    folder = new_folder() / "data"
    with running(folder):
        pass
    return folder


def postmaster(data: Path) -> int:
    return int((data / "postgres/postmaster.pid").read_text().split()[0])


def ask(url: str, sql: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchone()[0]


def tell(url: str, sql: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(sql)


def test_it_runs_while_it_is_used_and_is_stopped_afterwards(data):
    with running(data) as url:
        assert ask(url, "SELECT current_database()") == "gridloop"
        pid = postmaster(data)
    assert not is_alive(pid)
    assert not (data / "postgres/postmaster.pid").exists()


def test_it_listens_to_no_network_and_only_its_owner_reaches_the_socket(data):
    with running(data) as url:
        assert ask(url, "SHOW listen_addresses") == ""
        assert ask(url, "SHOW unix_socket_permissions") == "0700"
        assert (data / "postgres").stat().st_mode & 0o077 == 0


def test_a_second_program_uses_the_same_server_and_the_last_one_stops_it(data):
    with running(data):
        pid, other = postmaster(data), Program(data)
        assert other.is_ready()
    assert is_alive(pid)
    assert ask(address(data), "SELECT 1") == 1
    assert other.let_go() == 0
    assert not is_alive(pid)


def test_after_kill_9_of_the_program_the_next_one_finds_what_was_committed(data):
    program = Program(data)
    assert program.is_ready()
    tell(address(data), "CREATE TABLE kept AS SELECT 1 AS n")
    program.kill()
    with running(data) as url:
        assert ask(url, "SELECT n FROM kept") == 1
        tell(url, "DROP TABLE kept")
        pid = postmaster(data)
    assert not is_alive(pid)


def test_after_kill_9_of_the_server_itself_it_recovers(data):
    with running(data) as url:
        tell(url, "CREATE TABLE kept AS SELECT 7 AS n")
        pid = postmaster(data)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid))
    with running(data) as url:
        assert ask(url, "SELECT n FROM kept") == 7
        tell(url, "DROP TABLE kept")


def test_a_pid_file_left_by_a_dead_server_does_not_stand_in_the_way(data):
    (data / "postgres/postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    with running(data) as url:
        assert ask(url, "SELECT 1") == 1


def test_programs_that_start_together_make_one_cluster(tmp_path):
    programs = [Program(tmp_path / "data") for _ in range(3)]
    assert [program.is_ready() for program in programs] == [True] * 3
    ends = [threading.Thread(target=program.let_go) for program in programs]
    for end in ends:
        end.start()
    for end in ends:
        end.join()
    assert [program.process.returncode for program in programs] == [0] * 3
    assert not (tmp_path / "data/postgres/postmaster.pid").exists()


def test_a_path_too_long_for_a_socket_has_its_socket_in_the_temporary_folder(tmp_path):
    long = tmp_path / ("数据" * 20) / ("d" * 60)
    assert len(os.fsencode(long)) > postgres.LONGEST_SOCKET
    with running(long) as url:
        assert ask(url, "SELECT 1") == 1
        assert "gridloop-" in url


def test_a_comma_or_a_quote_in_the_path_is_no_obstacle(tmp_path):
    with running(tmp_path / "o'town, 1") as url:
        assert ask(url, "SELECT 1") == 1


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path):
    other = tmp_path / "postgres/letters.txt"
    other.parent.mkdir()
    as_owner(other.parent)
    other.write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match="里有其他内容"), running(tmp_path):
        pass
    assert other.read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "postgres").write_text("")
    with pytest.raises(EmbeddedPostgresError, match="不是文件夹"), running(tmp_path):
        pass
    with pytest.raises(EmbeddedPostgresError, match="无法使用数据文件夹"), running(tmp_path / "postgres"):
        pass


def test_a_folder_of_another_user_is_refused(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    (tmp_path / "postgres").mkdir()
    os.chown(tmp_path / "postgres", 12345, 12345)
    with pytest.raises(EmbeddedPostgresError, match="属于另一个系统用户"), running(tmp_path):
        pass


def test_data_of_another_version_is_refused_with_the_way_out(tmp_path):
    folder = cluster_like(tmp_path, version="16")
    with (
        pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 16 .*自带的是 18.*gridloop backup"),
        running(tmp_path),
    ):
        pass
    assert (folder / "PG_VERSION").read_text() == "16"


def test_another_server_at_our_address_is_not_taken_for_ours(data, tmp_path):
    with running(data):
        folder = cluster_like(tmp_path, version="18")
        (folder / ".s.PGSQL.5432").symlink_to(data / "postgres/.s.PGSQL.5432")
        with pytest.raises(EmbeddedPostgresError, match="已被另一个数据库占用"), running(tmp_path):
            pass


def test_a_server_that_does_not_start_shows_the_end_of_its_log(tmp_path):
    folder = cluster_like(tmp_path, version="18")
    with pytest.raises(EmbeddedPostgresError, match="数据库没有启动"), running(tmp_path):
        pass
    assert (folder / "PG_VERSION").exists()


def cluster_like(data: Path, *, version: str) -> Path:
    """A folder that looks like a cluster of that version from outside, and holds none."""
    folder = data / "postgres"
    folder.mkdir(mode=0o700)
    (folder / "PG_VERSION").write_text(version)
    as_owner(folder)
    return folder


def as_owner(folder: Path) -> None:
    server = Server(folder.parent)
    os.chown(folder, server._owner(), -1)


def test_whoever_uses_it_can_start_it_again_after_kill_9_of_the_server(data):
    server = Server(data)
    with running(data) as url:
        assert server.revive() is False
        tell(url, "CREATE TABLE kept AS SELECT 8 AS n")
        os.kill(postmaster(data), signal.SIGKILL)
        eventually(lambda: not server._is_alive())
        assert server.revive() is True
        assert ask(url, "SELECT n FROM kept") == 8
        tell(url, "DROP TABLE kept")
        assert server.revive() is False
