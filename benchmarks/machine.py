"""The machine that the figures come from: what bears on speed, nothing that names it."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import psutil

from benchmarks.results import Json

_PACKAGES = ("chengshu", "deltalake", "duckdb", "ibis-framework", "numpy", "pyarrow", "pysail", "scipy")


def describe_machine() -> Json:
    """Processor, cores, memory, system and the versions of what does the work."""
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
    }


def _processor() -> str:
    """The model's name, where Linux tells it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
