"""`.ci/run` tells the truth: it runs the checks and the tests, and fails if either fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("check", "test", "is_success"),
    [("true", "true", True), ("false", "true", False), ("true", "false", False), ("false", "false", False)],
)
def test_ci_runs_both_and_fails_if_either_fails(tmp_path, check, test, is_success):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "Makefile").write_text(f"check:\n\t@echo checked; {check}\ntest:\n\t@echo tested; {test}\n")
    # as if from a shell: these tests may themselves be run by make
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    outcome = subprocess.run(
        [str(tmp_path / ".ci" / "run")], capture_output=True, text=True, check=False, env=environment
    )
    assert (outcome.returncode == 0) is is_success
    assert outcome.stdout.split() == ["checked", "tested"]
