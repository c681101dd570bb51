"""Put template, style, scripts and data together into one file that loads nothing from anywhere."""

import base64
import hashlib
import html
import json
import os
import re
from importlib import resources
from pathlib import Path

from chengshu.certification.report.data import ReportData
from chengshu.certification.report.findings import find_sentences
from chengshu.certification.report.payload import to_script_json
from chengshu.kernel.errors import ChengshuError, StorageError
from chengshu.kernel.texts import Text

ECHARTS_ASSET = "assets/echarts.min.js"
SCRIPTS = (
    ECHARTS_ASSET,
    "page/words.js",
    "page/charts.js",
    "page/matrix.js",
    "page/figures_of_trust.js",
    "page/figures.js",
    "page/tables.js",
    "page/start.js",
)
_PLACEHOLDER = re.compile(r"\{\{ *([a-z_]+) *\}\}")
# Either would end the script element or change how the rest of it is read.
_UNSAFE_IN_SCRIPT = re.compile(r"</script|<!--|<script", re.IGNORECASE)

Strings = dict[str, dict[str, str]]


def write_report(report: ReportData, path: Path) -> None:
    """Write the report; an earlier one at `path` is replaced as a whole or left as it was.

    Raises:
        ChengshuError: `report.asset-missing`, when the chart bundle was never built.
        StorageError: `report.not-written`, when the disk is full or the folder may not be written.
    """
    page = render_report(report)
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_text(page, encoding="utf-8", newline="\n")
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _not_written(path, error) from error


def render_report(report: ReportData) -> str:
    """The page as text: deterministic, the same facts give the same bytes."""
    strings = load_strings()
    style = _read("page/page.css")
    scripts = [_read_script(name) for name in SCRIPTS]
    facts = {
        "policy": content_policy(style=style, scripts=scripts),
        "title": html.escape(f"{report.run.city_name} · {strings['title']['zh']} · {report.run.as_of.isoformat()}"),
        "style": style,
        "without_script": _without_script(report, strings),
        "payload": to_script_json(report, strings),
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    return fill(_read("page/page.html"), facts)


def fill(template: str, facts: dict[str, str]) -> str:
    """Replace `{{ name }}` in one pass, so that nothing inside a fact is taken for a placeholder."""
    return _PLACEHOLDER.sub(lambda found: facts[found[1]], template)


def load_strings() -> Strings:
    """Every fixed word of the page: key to `{"zh": …, "en": …}`."""
    strings: Strings = json.loads(_read("page/strings.json"))
    return strings


def content_policy(*, style: str, scripts: list[str]) -> str:
    """A Content-Security-Policy that allows these very scripts and this very style, and no request at all."""
    script_hashes = " ".join(_hash_source(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {script_hashes}; style-src {_hash_source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _read(name: str) -> str:
    """A file of this package; line ends as the HTML parser sees them, or the hashes would not match."""
    text = resources.files("chengshu.certification.report").joinpath(name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_script(name: str) -> str:
    try:
        script = _read(name)
    except FileNotFoundError as error:
        raise _asset_missing(name) from error
    if _UNSAFE_IN_SCRIPT.search(script):
        raise ValueError(f"{name} holds markup that cannot stand inside a script element")
    return script


def _without_script(report: ReportData, strings: Strings) -> str:
    """The main sentences, for previews that run no script."""
    sentences = find_sentences(report)
    chosen = [Text(**strings["no_script"]), *sentences.values()]
    items = [f'<li>{html.escape(text.zh)}<br><span lang="en">{html.escape(text.en)}</span></li>' for text in chosen]
    return "<ul>" + "".join(items) + "</ul>"


def _asset_missing(name: str) -> ChengshuError:
    return ChengshuError(
        "report.asset-missing",
        Text(f"缺少报告的图表组件 {name}。", f"The report's chart bundle {name} is missing."),
        Text(
            "请先运行 make setup（或 python -m chengshu.certification.report.build），再重新运行本命令。",
            "Run `make setup` (or python -m chengshu.certification.report.build) and then this command again.",
        ),
    )


def _not_written(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or str(error)
    return StorageError(
        "report.not-written",
        Text(f"无法写入报告 {path}：{reason}。", f"The report {path} could not be written: {reason}."),
        Text(
            "请检查磁盘空间和写入权限，或用 --out 指定另一个文件夹。",
            "Check free space and the right to write, or name another folder with --out.",
        ),
    )
