"""Dumping and loading a database with PostgreSQL's own programs."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gridloop.base.common.errors import DomainError
from gridloop.config.postgres import binaries

# pg_restore 17 and newer set this first, which an older server does not know; it is off by default anyway.
_UNKNOWN_TO_OLDER = b"SET transaction_timeout = 0;\n"
_PREAMBLE_LINES = 40
_EMPTY_THE_DATABASE = b"""\
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


class ToolFailed(DomainError):
    """pg_dump or pg_restore refused; the message holds what it said."""

    code = "postgres-tool-failed"


class Tools:
    """The programs that fit one database; a password goes to them by the environment, not on the line."""

    def __init__(self, url: str, server_version: int) -> None:
        parts = conninfo_to_dict(url)
        password = parts.pop("password", None)
        self.target = make_conninfo("", **{name: str(value) for name, value in parts.items()})
        self.environ = os.environ | ({"PGPASSWORD": str(password)} if password else {})
        self.folder = _programs(server_version)

    def dump(self, target: Path) -> None:
        """Write the whole database to `target` in PostgreSQL's custom format."""
        self._run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}",
            f"--dbname={self.target}",
        )  # fmt: skip

    def check(self, dump: Path) -> None:
        """
        Read a dump's table of contents.

        :raises ToolFailed: it cannot be read.
        """
        self._run("pg_restore", "--list", str(dump))

    def load(self, dump: Path) -> None:
        """
        Replace all that is in the database by the dump, in one transaction: it is done whole or not at all.

        :raises ToolFailed: something in it could not be loaded; the database is as it was.
        """
        with tempfile.TemporaryFile() as refusals:
            read = ("pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump))
            load = ("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction")
            with (
                self._open(*read, stdout=subprocess.PIPE, stderr=refusals) as reader,
                self._open(
                    *load, f"--dbname={self.target}", stdin=subprocess.PIPE, stderr=refusals
                ) as loader,
            ):
                _pour(reader, loader)
            if reader.returncode or loader.returncode:
                refusals.seek(0)
                raise _failed("pg_restore", refusals.read())

    def _open(
        self,
        program: str,
        *arguments: str,
        stderr: IO[bytes],
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        command = [str(self.folder / program), *arguments]
        return subprocess.Popen(command, env=self.environ, stdin=stdin, stdout=stdout, stderr=stderr)  # noqa: S603

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  # PostgreSQL's own programs, no shell
            [str(self.folder / program), *arguments],
            env=self.environ,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        if done.returncode:
            raise _failed(program, done.stderr)


def _pour(reader: subprocess.Popen[bytes], loader: subprocess.Popen[bytes]) -> None:
    if reader.stdout is None or loader.stdin is None:
        raise ValueError("both ends must be pipes")
    try:
        for line in chain([_EMPTY_THE_DATABASE], _for_any_version(reader.stdout)):
            loader.stdin.write(line)
        # At the end of its input psql commits: it must not come to the end of half a dump.
        if reader.wait():
            loader.kill()
        loader.stdin.close()
    except BrokenPipeError:
        reader.kill()  # the loader has stopped at an error and said so


def _for_any_version(lines: Iterable[bytes]) -> Iterator[bytes]:
    rest = iter(lines)
    # Only at the top, before any data could stand in the script.
    yield from (line for line in islice(rest, _PREAMBLE_LINES) if line != _UNKNOWN_TO_OLDER)
    yield from rest


def _failed(program: str, said: bytes) -> ToolFailed:
    return ToolFailed(
        _("%(program)s 没有完成：%(said)s")
        % {"program": program, "said": said.decode(errors="replace").strip()[-2000:]}
    )


def _programs(server_version: int) -> Path:
    """Return the folder of the server's own version where the PATH has it, else of those we carry."""
    for folder in (f"/usr/lib/postgresql/{server_version}/bin", *os.get_exec_path()):
        found = shutil.which("pg_dump", path=folder)
        if found and _version(found) == server_version and shutil.which("psql", path=folder):
            return Path(folder)
    return binaries()


def _version(program: str) -> int:
    said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S603
    numbers = re.search(r"(\d+)\.", said)
    return int(numbers[1]) if numbers else 0
