"""model.json: a fitted model, kept with its run."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from chengshu.survival.parameters import Parameters


def write_model(path: Path, model: Parameters) -> None:
    """Keep a model."""
    facts = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in asdict(model).items()}
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_model(path: Path) -> Parameters:
    """A model that was kept: the same numbers to the last bit, for JSON keeps a double whole."""
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    read = {name: np.array(value) if isinstance(value, list) else value for name, value in facts.items()}
    return Parameters(**read | {"history": tuple(facts["history"])})
