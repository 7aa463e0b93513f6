"""The parent of web and worker: starts again what ends, ends all together, even when it is killed itself."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.programs import PATIENCE_S, environment, eventually, is_alive, started

# Two children that write their numbers down and run until they are ended.
SUPERVISE = """
import sys
import click
from pathlib import Path
from gridloop.config.cli.supervisor import Child, supervise
folder = Path(sys.argv[1])
child = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
children = [Child(n, [sys.executable, "-c", sys.argv[2] or child, str(folder / n)]) for n in ("web", "jobs")]
try:
    supervise(children, ready=lambda: True, announce=lambda: print("up", flush=True))
except click.ClickException as error:
    print(error.message)
    sys.exit(error.exit_code)
"""


def supervisor(folder: Path, child: str = "") -> list[str]:
    return [sys.executable, "-c", SUPERVISE, str(folder), child]


def pid_of(file: Path) -> int:
    return int(eventually(lambda: file.exists() and file.read_text()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_its_children_when_it_is_asked_to_end(tmp_path, number):
    with started(supervisor(tmp_path)) as parent:
        children = [pid_of(tmp_path / name) for name in ("web", "jobs")]
        assert all(is_alive(pid) for pid in children)
        parent.send_signal(number)
        assert parent.wait(PATIENCE_S) == 0
    assert not any(is_alive(pid) for pid in children)


def test_a_child_that_is_killed_is_started_again(tmp_path):
    with started(supervisor(tmp_path)):
        first, other = pid_of(tmp_path / "web"), pid_of(tmp_path / "jobs")
        os.kill(first, signal.SIGKILL)
        eventually(lambda: pid_of(tmp_path / "web") != first)
        assert is_alive(pid_of(tmp_path / "web"))
        assert is_alive(other)


def test_a_terminal_that_closes_ends_nothing_that_was_started_with_nohup(tmp_path):
    with started(["nohup", *supervisor(tmp_path)]) as parent:
        first = pid_of(tmp_path / "web")
        parent.send_signal(signal.SIGHUP)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: pid_of(tmp_path / "web") != first)
        assert parent.poll() is None


def test_kill_9_of_the_supervisor_ends_the_children(tmp_path):
    with started(supervisor(tmp_path)) as parent:
        children = [pid_of(tmp_path / name) for name in ("web", "jobs")]
        parent.kill()
        parent.wait(PATIENCE_S)
        eventually(lambda: not any(is_alive(pid) for pid in children))


def test_a_child_that_cannot_run_is_given_up_with_a_word(tmp_path):
    done = subprocess.run(
        supervisor(tmp_path, "raise SystemExit(3)"),
        check=False, env=environment(), capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 1
    assert "反复退出，已停止" in done.stdout
    assert "正在重新启动" in done.stderr
