"""What a city data package says of itself."""

from __future__ import annotations

import json
from pathlib import Path


def event_files(city: Path) -> dict[str, Path]:
    """The events file of each source, as the descriptor has them."""
    descriptor = json.loads((city / "datapackage.json").read_text(encoding="utf-8"))
    resources = [resource for resource in descriptor["resources"] if "source_code" in resource]
    return {resource["source_code"]: city / resource["path"] for resource in resources}
