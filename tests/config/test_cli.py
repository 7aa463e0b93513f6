"""The `gridloop` command as a person types it: real processes, a data folder of their own."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from gridloop.config.cli import COMMANDS, IMPORTS
from gridloop.config.postgres import address
from tests.config.programs import (
    CLI,
    PATIENCE_S,
    environment,
    eventually,
    free_port,
    gridloop,
    is_alive,
    started,
)


@pytest.fixture(scope="module")
def data(new_folder) -> Path:
    """A data folder whose database is up to date."""
    folder = new_folder() / "data"
    done = gridloop(folder, "migrate")
    assert done.returncode == 0, done.stderr
    assert "正在升级数据库" in done.stderr
    return folder


def test_migrating_again_has_nothing_to_do(data):
    done = gridloop(data, "migrate")
    assert (done.returncode, done.stderr.strip()) == (0, "数据库已是最新。")


def test_the_list_of_commands_needs_no_database(tmp_path):
    done = gridloop(tmp_path / "nothing", "--help")
    assert done.returncode == 0
    assert [name for name in COMMANDS if not re.search(rf"^  {name} ", done.stdout, re.MULTILINE)] == []
    assert not (tmp_path / "nothing/postgres").exists()


@pytest.mark.parametrize("command", [[c] for c in COMMANDS] + [["import", c] for c in IMPORTS], ids=" ".join)
def test_every_command_explains_itself_with_examples(tmp_path, command):
    done = gridloop(tmp_path, *command, "--help")
    assert done.returncode == 0, done.stderr
    assert re.search(rf"例：\n +gridloop .*{command[-1]}", done.stdout)
    assert not (tmp_path / "postgres").exists()


def test_the_data_folder_may_be_named_after_the_command_too(data):
    command = [*CLI, "migrate", f"--data={data}"]
    done = subprocess.run(command, check=False, env=environment(), capture_output=True, text=True)
    assert done.stderr.strip() == "数据库已是最新。"


def test_a_data_folder_that_cannot_be_used_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = gridloop(tmp_path / "file", "migrate")
    assert done.returncode == 1
    assert done.stderr.startswith("错误：无法使用数据文件夹")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_data_folder_that_the_system_will_not_make_is_refused_in_one_line_too(url):
    done = gridloop(
        Path("/dev/null/town"), "doctor" if url else "migrate", **{"DATABASE_URL": url} if url else {}
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_written_is_refused_in_one_line(data, tmp_path):
    done = gridloop(data, "export", "regions", str(tmp_path / "not/there.csv"))
    assert done.returncode == 1
    assert re.fullmatch(r"错误：不能读写 .*there.csv：.*", done.stderr.strip())


def test_long_work_that_is_asked_to_end_stores_no_half_and_leaves_no_database_behind(data, tmp_path):
    command = [*CLI, "--data", str(data), "demo", "--cases", "20000", "--port", str(free_port())]
    with started(command, says=tmp_path / "said") as program:
        eventually(lambda: "正在生成" in (tmp_path / "said").read_text())
        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE_S) == 128 + signal.SIGTERM
    assert not (data / "postgres/postmaster.pid").exists()


@pytest.mark.parametrize("command", [("audit", "verify"), ("export", "catalogue", "目录.xlsx")])
def test_a_database_without_tables_is_told_in_one_line(tmp_path, command):
    done = gridloop(tmp_path / "data", *command)
    assert done.returncode == 1
    assert "gridloop migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_s_own_options_are_explained_and_checked_with_the_others(tmp_path):
    assert re.search(r"--seed .*\n +--cases ", gridloop(tmp_path, "demo", "--help").stdout)
    refused = gridloop(tmp_path, "demo", "--cases", "3")
    assert (refused.returncode, "--cases" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", "连不上数据库"),
        ("not an address", "连不上数据库"),
    ],
)
def test_a_database_url_that_leads_nowhere_is_refused_in_one_line(tmp_path, url, said):
    done = gridloop(tmp_path, "migrate", DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith("错误：")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_refused_before_anything_starts(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = gridloop(data, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "已被占用" in done.stderr
    assert "--port" in done.stderr


def test_serving_answers_works_off_jobs_comes_back_by_itself_and_leaves_nothing_behind(data):
    port = free_port()
    with started([*CLI, "--data", str(data), "serve", "--port", str(port), "--workers", "1"]) as program:
        eventually(lambda: get(port, "healthz") == b"ok")
        eventually(lambda: get(port, "static/shell/gridloop.css"))
        eventually(lambda: get(port, "static/tabler/css/tabler.min.css"))
        eventually(lambda: "进程在运行" in gridloop(data, "doctor").stdout)
        eventually(lambda: query(data, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"))
        assert query(data, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == 0

        family = psutil.Process(program.pid).children(recursive=True)
        worker = child_of(program.pid, is_worker)
        worker.kill()
        eventually(lambda: child_of(program.pid, is_worker) not in {None, worker})

        os.kill(int((data / "postgres/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        eventually(lambda: b"csrfmiddlewaretoken" in get(port, "accounts/login/"))

        server = child_of(program.pid, lambda line: "granian" in line)
        answering = server.children()
        server.kill()
        eventually(lambda: not any(is_alive(p.pid) for p in answering))
        eventually(lambda: get(port, "healthz") == b"ok")

        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE_S) == 0
    eventually(lambda: not any(is_alive(p.pid) for p in family))
    assert not (data / "postgres/postmaster.pid").exists()


def test_kill_9_of_the_command_ends_its_children_and_the_next_one_comes_up(data):
    port = free_port()
    command = [*CLI, "--data", str(data), "serve", "--port", str(port), "--workers", "1"]
    with started(command) as program:
        eventually(lambda: get(port, "healthz") == b"ok")
        family = psutil.Process(program.pid).children(recursive=True)
        program.kill()
        program.wait(PATIENCE_S)
        eventually(lambda: not any(is_alive(p.pid) for p in family))
    with started(command):
        eventually(lambda: get(port, "healthz") == b"ok")
    assert not (data / "postgres/postmaster.pid").exists()


def get(port: int, path: str) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
            return answer.read()
    except OSError:
        time.sleep(0.1)
        return b""


def query(data: Path, sql: str) -> int:
    with psycopg.connect(address(data)) as connection:
        return connection.execute(sql).fetchone()[0]


def child_of(pid: int, is_wanted: Callable[[list[str]], bool]) -> psutil.Process | None:
    """Return the child of the program whose command line is wanted; others come and go meanwhile."""
    for process in psutil.Process(pid).children():
        with suppress(psutil.Error):
            if is_wanted(process.cmdline()):
                return process
    return None


def is_worker(line: list[str]) -> bool:
    return line[-1:] == ["worker"]
