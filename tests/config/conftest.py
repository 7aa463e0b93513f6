"""Folders for databases of their own: outside pytest's, which only its own user may enter."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NewFolder = Callable[[], Path]


@pytest.fixture(scope="session")
def new_folder() -> Iterator[NewFolder]:
    # As root the database runs under another account, and every start of pytest closes its own folder again.
    base = Path(tempfile.mkdtemp(prefix="gridloop-tests-"))
    yield lambda: Path(tempfile.mkdtemp(dir=base))
    shutil.rmtree(base)


@pytest.fixture
def tmp_path(new_folder: NewFolder) -> Path:
    return new_folder()
