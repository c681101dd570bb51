import json
import subprocess
import sys
from datetime import date

import pytest

from chengshu.certification import run
from chengshu.kernel import clock
from chengshu.kernel.errors import EngineError, PackageError, StorageError, UsageError
from chengshu.kernel.texts import Text
from chengshu.web import command_line, failures
from chengshu.web.language import chosen_language
from chengshu.web.summary_table import _aside

AS_OF = "2025-12-31"
NOTHING = Text("", "")


@pytest.fixture
def chengshu(monkeypatch, capsys):
    """Run a command in this process; gives exit code, stdout and stderr."""
    monkeypatch.delenv("CHENGSHU_LANG", raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["chengshu", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            command_line.main()
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return call


@pytest.fixture
def certified(monkeypatch, tmp_path):
    """A run that ends at once; gives the requests that reached it."""
    requests = []

    def certify(request, progress):
        requests.append(request)
        progress("gather", 0.0)
        progress("gather", 1.0)
        summary = {
            "as_of": AS_OF,
            "silent_rate": 0.88,
            "decisions": {"certified": 88, "self_check": 7, "visit": 4, "death_recorded": 1},
            "rows": {"deaths": {"set_aside": {"duplicate-key": 2}}},
            "expected_dead_share": 0.0029,
            "max_dead_share": 0.003,
            "seconds": {"total": 1.5},
            "warnings": [{"zh": "少一个来源", "en": "a feed lacks"}],
        }
        names = ("decisions.parquet", "rejects.parquet", "report.html", "summary.json")
        return run.Certification(summary, *(request.out / name for name in names))

    monkeypatch.setattr(run, "certify", certify)
    return requests


def certify_arguments(out, *more):
    return ("certify", "city", "--as-of", AS_OF, "--out", out, *more)


def test_the_version_is_printed(chengshu):
    assert chengshu("--version")[:2] == (0, "chengshu 0.1.0\n")


def test_certify_passes_every_option_on(chengshu, certified, tmp_path):
    options = ["--max-dead-share", "0.01", "--engine", "sc://h:1", "--lake", tmp_path / "l", "--strict"]
    code, _, _ = chengshu(*certify_arguments(tmp_path, *options, "--seed", 7, "--threads", 3, "--months", 24))
    request = certified[0]
    assert code == 0
    assert (request.as_of, request.max_dead_share, request.engine) == (date(2025, 12, 31), 0.01, "sc://h:1")
    assert (request.lake_dir, request.strict, request.seed) == (tmp_path / "l", True, 7)
    assert (request.threads, request.months) == (3, 24)


def test_certify_prints_figures_and_paths_once_and_in_the_language_asked_for(chengshu, certified, tmp_path):
    _, chinese, lines = chengshu(*certify_arguments(tmp_path))
    _, english, _ = chengshu(*certify_arguments(tmp_path, "--lang", "en"))
    assert "静默认证率" in chinese
    assert "归集" in lines
    assert "Silent rate" in english
    assert "88.00% (88 people)" in english
    assert "a feed lacks" in english
    for name in ("report.html", "decisions.parquet"):
        assert chinese.count(str(tmp_path / name)) == english.count(str(tmp_path / name)) == 1


def test_rows_later_than_the_as_of_date_are_told_apart():
    rows = {"deaths": {"set_aside": {"not-yet-known": 1900, "bad-date": 7}, "later": 1850}, "visits": {"set_aside": {}}}
    assert _aside(rows, "en") == "1,907 (1,850 after as-of)"
    assert "1,850 行晚于基准日" in _aside(rows, "zh")
    assert _aside({"visits": {"set_aside": {"bad-date": 2}, "later": 0}}, "zh") == "2"


def test_json_is_the_only_thing_on_stdout(chengshu, certified, tmp_path):
    _, out, err = chengshu(*certify_arguments(tmp_path, "--json"))
    assert json.loads(out)["decisions"]["visit"] == 4
    assert "归集" in err


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        (["--max-dead-share", "1.5"], "usage.max-dead-share", "1.5"),
        (["--max-dead-share", "0"], "usage.max-dead-share", "0"),
        (["--max-dead-share", "nan"], "usage.max-dead-share", "nan"),
        (["--as-of", "31.12.2025"], "usage.as-of", "31.12.2025"),
        (["--as-of", "2026-01-03"], "usage.as-of", "2026-01-03"),
        (["--as-of", "0202-01-03"], "usage.as-of", "0202-01-03"),
        (["--engine", "mysql"], "usage.engine", "mysql"),
        (["--threads", "0"], "usage.threads", "--threads"),
        (["--months", "3"], "usage.months", "--months"),
        (["--lang", "fr"], "usage.options", "fr"),
        (["--bogus"], "usage.options", "--bogus"),
    ],
)
def test_a_bad_value_is_named_and_nothing_runs(chengshu, certified, tmp_path, options, code, named):
    with clock.fixed(date(2026, 1, 1)):
        left, out, err = chengshu(*certify_arguments(tmp_path, *options))
    assert (left, out, certified) == (2, "", [])
    assert f"[{code}]" in err
    assert named in err
    assert "处理办法" in err


def test_tomorrow_is_still_allowed(chengshu, certified, tmp_path):
    with clock.fixed(date(2025, 12, 30)):
        assert chengshu(*certify_arguments(tmp_path))[0] == 0


def test_an_interrupted_run_leaves_with_130_and_a_friendly_word(chengshu, monkeypatch, tmp_path):
    def interrupted(request, progress):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "certify", interrupted)
    code, out, err = chengshu(*certify_arguments(tmp_path))
    assert (code, out) == (130, "")
    assert "已中断" in err


def test_fewer_than_one_person_make_no_city(chengshu, tmp_path):
    code, _, err = chengshu("sample-city", tmp_path / "city", "--people", 0, "--seed", 1)
    assert code == 2
    assert "[usage.people]" in err
    assert not (tmp_path / "city").exists()


def test_a_sample_city_is_written_and_described(chengshu, tmp_path):
    city = tmp_path / "city"
    code, out, err = chengshu("sample-city", city, "--people", 50, "--seed", 1, "--format", "csv")
    assert (code, str(city) in out) == (0, True)
    assert err.count("生成人员 …") == 1
    assert (city / "residents.csv").is_file()
    (city / "datapackage.json").unlink()
    code, out, _ = chengshu("describe", city, "--write", "--lang", "en")
    assert code == 0
    assert "events-bus-card" in out
    assert (city / "datapackage.json").is_file()


def test_describe_as_json_is_one_document(chengshu, tmp_path):
    (tmp_path / "residents.csv").write_text("id_number\n")
    code, out, err = chengshu("describe", tmp_path, "--json")
    found = json.loads(out)
    assert (code, "[describe.incomplete]" in err) == (failures.PACKAGE, True)
    assert found["descriptor"]["resources"][0]["name"] == "residents"
    assert any("birth_date" in text["en"] for text in found["missing"])


def test_describe_leaves_with_3_where_something_needed_is_missing_and_still_writes_the_draft(chengshu, tmp_path):
    (tmp_path / "residents.csv").write_text("id_number,name,sex,birth_date,region_code\n")
    code, out, err = chengshu("describe", tmp_path, "--write", "--lang", "en")
    assert code == failures.PACKAGE
    assert "✗ The resource sources is missing" in out
    assert "[describe.incomplete]" in err
    assert (tmp_path / "datapackage.json").is_file()


def test_describe_takes_deaths_for_advice(chengshu, tmp_path):
    chengshu("sample-city", tmp_path / "city", "--people", 50, "--seed", 1, "--format", "csv")
    for name in ("datapackage.json", "deaths.csv"):
        (tmp_path / "city" / name).unlink()
    code, out, err = chengshu("describe", tmp_path / "city", "--lang", "en")
    assert (code, err) == (0, "")
    assert "There is no deaths table" in out


@pytest.mark.parametrize("option", ["--out", "--lake"])
@pytest.mark.parametrize("spelling", ["city", "other/../city", "link"])
def test_nothing_is_written_into_the_package_itself(chengshu, certified, tmp_path, monkeypatch, option, spelling):
    monkeypatch.chdir(tmp_path)
    for name in ("city", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("city")
    out = spelling if option == "--out" else "out"
    more = () if option == "--out" else (option, spelling)
    code, _, err = chengshu(*certify_arguments(out, *more))
    assert (code, certified) == (failures.USAGE, [])
    assert f"[usage.{option[2:]}]" in err


def test_results_may_lie_in_a_folder_below_the_package(chengshu, certified, tmp_path):
    assert chengshu("certify", tmp_path, "--as-of", AS_OF, "--out", tmp_path / "run")[0] == 0


def test_evaluating_no_run_says_so(chengshu, tmp_path):
    code, _, err = chengshu("evaluate", tmp_path, "--truth", tmp_path / "truth.parquet", "--lang", "en")
    assert code == failures.PACKAGE
    assert "[evaluate.no-run]" in err


@pytest.mark.parametrize("command", ["certify", "sample-city", "evaluate", "describe"])
def test_help_is_there_in_both_languages(chengshu, command):
    code, out, _ = chengshu(command, "--help")
    assert code == 0
    assert "语言" in out
    assert "Language" in out


COMMANDS = ["", "certify", "sample-city", "evaluate", "describe", "audit", "database", "sample-organisations"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_whole_on_a_terminal_of_80_columns(chengshu, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = chengshu(*command.split(), "--help")
    assert code == 0
    assert "…" not in out


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("usage.x", NOTHING, NOTHING), 2),
        (PackageError("package.x", NOTHING, NOTHING), 3),
        (StorageError("storage.x", NOTHING, NOTHING), 4),
        (EngineError("engine.x", NOTHING, NOTHING), 5),
        (PackageError("package.rows-set-aside", NOTHING, NOTHING), 6),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("boom"), 1),
        (MemoryError(), 1),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(error, code, capsys):
    def work():
        raise error

    assert failures.run_guarded(work, lang="zh", is_debug=False) == code
    printed = capsys.readouterr()
    assert printed.err.strip()
    assert printed.out == ""
    assert "Traceback" not in printed.err


def test_debug_shows_the_trace(capsys):
    def work():
        raise ZeroDivisionError("boom")

    failures.run_guarded(work, lang="en", is_debug=True)
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "environment", "lang"),
    [
        ([], {}, "zh"),
        ([], {"CHENGSHU_LANG": "en"}, "en"),
        (["--lang", "zh"], {"CHENGSHU_LANG": "en"}, "zh"),
        (["certify", "--lang=en"], {}, "en"),
    ],
)
def test_the_option_rules_over_the_environment(arguments, environment, lang):
    assert chosen_language(arguments, environment) == lang


def test_the_installed_command_leaves_with_its_code():
    call = "from chengshu.web.command_line import main; main()"
    ended = subprocess.run([sys.executable, "-c", call, "nope"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "nope" in ended.stderr
