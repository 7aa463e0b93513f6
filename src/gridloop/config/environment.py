"""Reading the environment: the database's address, and secrets that are made where none is given."""

import os
import secrets
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

# libpq's names for what Django has names of its own for; the rest are driver options.
_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
# Long work (import, restore, audit) is stopped by a person, not by a clock: the command sets this to 0.
TIMEOUT_VARIABLE = "GRIDLOOP_STATEMENT_TIMEOUT_S"


class Environment(environ.Env):
    """The environment's variables, a value of the wrong kind refused by the name of its variable."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"环境变量 {var} 的值不对：{error}") from error


def database(url: str, *, pool_size: int, timeout_s: int) -> dict[str, Any]:
    """
    Return Django's settings of the PostgreSQL that `url` names, in any form libpq reads.

    `timeout_s` bounds one statement, and a transaction that stands idle; 0 is without end.

    :raises ImproperlyConfigured: libpq cannot read the address, or it names no database.
    """
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL 不是 PostgreSQL 的地址：{str(error).strip()}") from error
    if not parts.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL 没有写数据库名")
    named = {_DJANGO_NAMES[key]: str(value) for key, value in parts.items() if key in _DJANGO_NAMES}
    options = {key: value for key, value in parts.items() if key not in _DJANGO_NAMES}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        "OPTIONS": {
            **options,
            "options": f"{options.get('options', '')} {_bounds(timeout_s)}".strip(),
            "pool": {"min_size": 1, "max_size": pool_size, "timeout": 10},
        },
    }


def _bounds(timeout_s: int) -> str:
    limits = ("statement_timeout", "idle_in_transaction_session_timeout")
    return " ".join(f"-c {name}={timeout_s}s" for name in limits)


def span(text: str) -> tuple[time, time]:
    """
    Return the two ends of a stretch of the day, written `09:00-12:00`.

    :raises ValueError: it is not written so.
    """
    starts, ends = text.split("-")
    return time.fromisoformat(starts.strip()), time.fromisoformat(ends.strip())


def secret(name: str, data: Path, environ: Mapping[str, str] = os.environ) -> str:
    """
    Return the secret `name` from the environment, or else from the file of that name in `data`/secrets.

    The file is written with fresh random bytes the first time, readable by its owner alone.

    :raises ImproperlyConfigured: the file cannot be read or written.
    """
    if given := environ.get(name):
        return given
    file = data / "secrets" / name.lower().removeprefix("gridloop_")
    try:
        return file.read_text().strip() if file.exists() else _new_secret(file)
    except OSError as error:
        raise ImproperlyConfigured(
            f"不能读写密钥文件 {file}（{error.strerror}）。"
            f"请用 --data 指定可写的文件夹，或用环境变量 {name} 给出密钥。"
        ) from error


def _new_secret(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.parent.chmod(0o700)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(48) + "\n")
    # A link is made whole or not at all: of two programs that start together one wins and both read it.
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return file.read_text().strip()


TIANDITU = "https://t0.tianditu.gov.cn"
_TIANDITU_TILE = (
    "/{{layer}}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={{layer}}&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


def base_map(tianditu_key: str, tiles: str) -> tuple[dict[str, str], str]:
    """
    Return the base map as the screen's script wants it, and the source that the security policy lets through.

    :param tianditu_key: of a browser application (浏览器端) at 天地图; wins where both are given.
    :param tiles: an address with {z}, {x} and {y} of raster tiles, such as a server of the town's own has.
    :raises ImproperlyConfigured: the address of the tiles is none.
    """
    if tianditu_key:
        return {
            "tiles": TIANDITU + _TIANDITU_TILE.format(key=quote(tianditu_key)),
            "layers": "vec,cva",
        }, TIANDITU
    if not tiles:
        return {}, ""
    parts = urlsplit(tiles)
    if parts.scheme not in {"http", "https"} or not all(mark in tiles for mark in ("{z}", "{x}", "{y}")):
        raise ImproperlyConfigured("GRIDLOOP_TILES is an address with {z}, {x} and {y}, or empty.")
    return {"tiles": tiles, "layers": ""}, f"{parts.scheme}://{parts.netloc}"
