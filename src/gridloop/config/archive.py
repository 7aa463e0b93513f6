"""
A backup in one file: a tar of the database's dump, the attachments and the secrets, with a manifest.

The manifest comes last and holds the SHA-256 of every other member, so a file that was cut off has none.
"""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
FOLDERS = ("files", "secrets")
_CHUNK = 2**20

Tell = Callable[[int, int], None]


class BadBackup(DomainError):
    """The file is no backup, or not a whole one."""

    code = "bad-backup"


@dataclass(slots=True)
class Manifest:
    """What a backup holds: when and by which version it was made, and the SHA-256 of each member."""

    made_at: str
    version: str
    postgres: int
    migrations: list[str]
    with_files: bool
    format: int = FORMAT
    sha256: dict[str, str] = field(default_factory=dict)


def members(dump: Path, folders: dict[str, Path]) -> list[tuple[str, Path]]:
    """Return (name in the archive, file) of everything that goes in."""
    found = [(DUMP, dump)]
    for name, folder in folders.items():
        found += [(f"{name}/{p.relative_to(folder)}", p) for p in sorted(folder.rglob("*")) if p.is_file()]
    return found


def write(target: Path, manifest: Manifest, contents: list[tuple[str, Path]], tell: Tell) -> None:
    """Write the archive, readable by its owner alone; the manifest's sums are filled in on the way."""
    target.touch(mode=0o600, exist_ok=False)
    with tarfile.open(target, "w") as tar:
        for done, (name, path) in enumerate(contents, 1):
            # A photo of a form that is never sent may be dropped meanwhile; no row in the dump needs it.
            with suppress(FileNotFoundError) if name.startswith("files/") else nullcontext():
                manifest.sha256[name] = _add(tar, name, path)
            tell(done, len(contents))
        body = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(body), 0o600
        tar.addfile(entry, io.BytesIO(body))


def read(source: Path, tell: Tell) -> Manifest:
    """
    Return the manifest of a backup after comparing every member with its sum.

    :raises BadBackup: it is no backup, is cut off, or a member is missing, changed or added.
    """
    try:
        with tarfile.open(source) as tar:
            sums = {}
            names = tar.getnames()
            manifest = _manifest(tar, names)
            for done, (name, file) in enumerate(_files(tar), 1):
                sums[name] = _sum(file)
                tell(done, len(names))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadBackup(
            _("%(path)s 不是备份文件，或已损坏：%(reason)s") % {"path": source, "reason": error}
        ) from error
    sums.pop(MANIFEST)
    if wrong := [name for name, value in manifest.sha256.items() if sums.pop(name, "") != value] + [*sums]:
        raise BadBackup(
            _("备份 %(path)s 的内容与清单不符：%(name)s 等 %(count)d 项。请改用另一份备份。")
            % {"path": source, "name": wrong[0], "count": len(wrong)}
        )
    return manifest


def extract(source: Path, folder: Path) -> None:
    """
    Unpack the files of a backup that `read` has passed into an empty folder; links come as what they name.

    :raises BadBackup: a member would lie outside the folder.
    """
    # Not `extractall`: its filter against such members came with Python 3.11.4, after that of Debian 12.
    with tarfile.open(source) as tar:
        for name, file in _files(tar):
            target = (folder / name).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise BadBackup(_("备份中的 %(name)s 会写到文件夹之外，没有恢复。") % {"name": name})
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.touch(mode=0o600, exist_ok=False)
            with target.open("wb") as copy:
                shutil.copyfileobj(file, copy)


def _manifest(tar: tarfile.TarFile, names: list[str]) -> Manifest:
    if MANIFEST not in names:
        raise BadBackup(_("这不是本系统的备份，或没有写完。请改用另一份备份。"))
    file = tar.extractfile(MANIFEST)
    fields = json.load(file) if file else {}
    if fields.get("format") != FORMAT:
        raise BadBackup(_("这份备份的格式较新，请用生成它的版本恢复。"))
    return Manifest(**fields)


def _files(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for entry in tar:
        file = tar.extractfile(entry)
        if file is not None:
            yield entry.name, file


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    # Opened once, so that the sum and the member are of the same file whatever becomes of its name.
    with path.open("rb") as file:
        total = _sum(file)
        file.seek(0)
        tar.addfile(tar.gettarinfo(arcname=name, fileobj=file), file)
    return total


def _sum(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
