"""What requirements.lock installs may be passed on under the licence of this program, and by whoever gets it."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

LOCKED = re.findall(
    r"^([\w.-]+)==", (Path(__file__).parents[2] / "requirements.lock").read_text(), re.MULTILINE
)
# Used as they are and replaceable, which is all that these ask for.
WEAK_COPYLEFT = {
    "psycopg": "LGPL",
    "psycopg-binary": "LGPL",
    "psycopg-pool": "LGPL",
    "certifi": "MPL",
    "fido2": "MPL",
    "orjson": "MPL",
}


def licence_of(name: str) -> str:
    try:
        about = metadata(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is for other systems than this one")
    classifiers = [c for c in about.get_all("Classifier", []) if c.startswith("License")]
    # Some put the whole text into `License`: its first line is its name.
    return " ".join([about.get("License-Expression") or (about.get("License") or "")[:60], *classifiers])


@pytest.mark.parametrize("name", sorted(set(LOCKED)))
def test_a_locked_package_has_a_licence_that_lets_us_pass_it_on(name):
    words = set(re.findall(r"(?<![A-Z])(?:AGPL|LGPL|GPL|MPL|SSPL|BUSL)", licence_of(name)))
    assert licence_of(name).strip()
    assert words == ({WEAK_COPYLEFT[name]} if name in WEAK_COPYLEFT else set())
