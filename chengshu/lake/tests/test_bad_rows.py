"""A row that cannot be used is set aside with its place and reason, and costs nothing else."""

from datetime import date

import pytest

from chengshu import lake
from chengshu.kernel import clock
from chengshu.kernel.errors import PackageError
from chengshu.kernel.identifiers import format_id_numbers
from chengshu.lake import rejects as rejects_module
from chengshu.lake.reject_reasons import NEXT_STEPS, REASONS
from chengshu.lake.tests.small_city import (
    ANN,
    AS_OF,
    BOB,
    CAI,
    DAN,
    STRANGER,
    death,
    entitlement,
    event,
    gathered,
    rejects,
    resident,
    small_city,
    visit,
)

UNBORN = format_id_numbers([37170120260401001])[0].as_py()
BAD_CHECK = CAI[:17] + ("1" if CAI[17] != "1" else "2")
CASES = {
    # events
    "unknown person": ("events_bus", [event(STRANGER, "2025-01-01")], "id_number", "unknown-person"),
    "bad check digit": ("events_bus", [event(BAD_CHECK, "2025-01-01")], "id_number", "id-check-digit"),
    "too short": ("events_bus", [event(CAI[:17], "2025-01-01")], "id_number", "id-length"),
    "letters": ("events_bus", [event("37l" + CAI[3:], "2025-01-01")], "id_number", "id-character"),
    "no such birth date": (
        "events_bus",
        [event("371701195013010018", "2025-01-01")],
        "id_number",
        "id-birth-date",
    ),
    "no number": ("events_bus", [event(None, "2025-01-01")], "id_number", "missing-value"),
    "no day": ("events_bus", [event(CAI, None)], "occurred_on", "missing-value"),
    "a day that is none": ("events_bus", [event(CAI, "2025-02-30")], "occurred_on", "bad-date"),
    "text for a day": ("events_bus", [event(CAI, "yesterday")], "occurred_on", "bad-date"),
    "after as-of": ("events_bus", [event(CAI, "2026-01-01")], "occurred_on", "after-as-of"),
    "before birth": ("events_bus", [event(CAI, "1972-03-03")], "occurred_on", "before-birth"),
    # residents
    "resident's check digit": ("residents", [resident(BAD_CHECK)], "id_number", "id-check-digit"),
    "birth date of another": (
        "residents",
        [resident(CAI, birth_date="1972-03-05")],
        "birth_date",
        "birth-date-differs",
    ),
    "born tomorrow": ("residents", [resident(CAI, birth_date="2026-01-01")], "birth_date", "future-birth"),
    "number of one unborn": ("residents", [resident(UNBORN)], "birth_date", "future-birth"),
    "sex": ("residents", [resident(CAI, sex=3)], "sex", "bad-sex"),
    "region": ("residents", [resident(CAI, region_code="37")], "region_code", "bad-region"),
    "twice": ("residents", [resident(ANN, name="李某")], "id_number", "duplicate-resident"),
    # entitlements
    "unknown benefit": (
        "entitlements",
        [entitlement(CAI, benefit_code="B9")],
        "benefit_code",
        "unknown-benefit",
    ),
    "entitled stranger": ("entitlements", [entitlement(STRANGER)], "id_number", "unknown-person"),
    "below zero": (
        "entitlements",
        [entitlement(CAI, monthly_amount=-1)],
        "monthly_amount",
        "negative-amount",
    ),
    "no amount": ("entitlements", [entitlement(CAI, monthly_amount="much")], "monthly_amount", "bad-number"),
    **{
        f"{amount} yuan": ("entitlements", [entitlement(CAI, monthly_amount=amount)], "monthly_amount", "bad-amount")
        for amount in ("nan", "inf", "1e308")
    },
    "ended first": (
        "entitlements",
        [entitlement(CAI, ended_on="2014-12-31")],
        "ended_on",
        "ended-before-started",
    ),
    "entitled twice": ("entitlements", [entitlement(ANN, monthly_amount=7)], "benefit_code", "duplicate-key"),
    # deaths
    "dead stranger": ("deaths", [death(STRANGER)], "id_number", "unknown-person"),
    "died after recorded": ("deaths", [death(CAI, died_on="2025-06-11")], "died_on", "died-after-recorded"),
    "recorded after as-of": (
        "deaths",
        [death(CAI, recorded_on="2026-01-02")],
        "recorded_on",
        "not-yet-known",
    ),
    "died before birth": ("deaths", [death(CAI, died_on="1950-01-01")], "died_on", "before-birth"),
    "two records": ("deaths", [death(DAN, recorded_on="2025-07-01")], "recorded_on", "other-death-record"),
    "same record": ("deaths", [death(DAN)], "id_number", "duplicate-key"),
    # visits, benefits, sources
    "outcome": ("visits", [visit(CAI, outcome="asleep")], "outcome", "unknown-outcome"),
    "visit to come": ("visits", [visit(CAI, visited_on="2026-02-01")], "visited_on", "after-as-of"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_row_is_set_aside_with_place_and_reason(tmp_path, case):
    table, rows, field, code = CASES[case]
    name = table.replace("_", "-")
    good = small_city().tables.get(name, [])
    if table == "residents":
        good = [row for row in good if row["id_number"] != CAI]
        city = small_city(residents=[*good, *rows], events_bus=[event(BOB, "2025-05-05")])
    else:
        good = [{**dict.fromkeys(rows[0]), **row} for row in good]
        city = small_city(**{table: [*good, *rows]})
    load = gathered(tmp_path, city)
    assert rejects(load) == [(name, len(good) + 1, field, code)]
    row = load.rejects().to_pylist()[0]
    assert (row["reason_zh"], row["reason_en"]) == REASONS[code]
    assert (row["next_step_zh"], row["next_step_en"]) == NEXT_STEPS[code]
    assert row["line_number"] == len(good) + 2
    assert row["file"] == f"{name}.csv"
    assert load.counts[name]["kept"] == len(good)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"needs_survival": "perhaps"}, "needs_survival", "bad-flag"),
        ({"cycle_months": 0}, "cycle_months", "bad-cycle"),
        ({"cycle_months": 1.5}, "cycle_months", "bad-cycle"),
        ({"cycle_months": "inf"}, "cycle_months", "bad-cycle"),
        ({"cycle_months": 3_000_000_000}, "cycle_months", "bad-cycle"),
        ({"monthly_amount": "nan"}, "monthly_amount", "bad-amount"),
        ({"monthly_amount": -5}, "monthly_amount", "negative-amount"),
        ({"benefit_code": "B1"}, "benefit_code", "duplicate-key"),
    ],
)
def test_a_bad_benefit_is_set_aside(tmp_path, changes, field, code):
    sound = small_city().tables["benefits"][0]
    load = gathered(tmp_path, small_city(benefits=[sound, sound | {"benefit_code": "B2"} | changes]))
    assert rejects(load) == [("benefits", 2, field, code)]


def test_entitlements_to_a_benefit_set_aside_say_so_and_are_counted_in_a_warning(tmp_path):
    sound = small_city().tables["benefits"][0]
    benefits = [sound, sound | {"benefit_code": "B2", "needs_survival": "perhaps"}, sound]
    drawn = [entitlement(ANN), *(entitlement(who, benefit_code="B2") for who in (ANN, BOB))]
    drawn += [entitlement(BOB, benefit_code="B2", started_on="2016-01-01"), entitlement(CAI, benefit_code="B9")]
    load = gathered(tmp_path, small_city(benefits=benefits, entitlements=drawn))
    assert rejects(load) == [
        ("benefits", 2, "needs_survival", "bad-flag"),
        ("benefits", 3, "benefit_code", "duplicate-key"),
        *(("entitlements", row, "benefit_code", "benefit-set-aside") for row in (2, 3, 4)),
        ("entitlements", 5, "benefit_code", "unknown-benefit"),
    ]
    (said,) = load.warnings
    assert "1 rows of benefits were set aside: 3 entitlements of 2 people" in said.en
    assert "benefits 中有 1 行被搁置：2 人的 3 条待遇" in said.zh


def test_rows_of_a_person_set_aside_say_so_and_are_counted_in_a_warning(tmp_path):
    people = [resident(ANN), resident(BOB, sex=3), resident(CAI), resident(DAN)]
    load = gathered(tmp_path, small_city(residents=people))
    assert rejects(load) == [
        ("entitlements", 2, "id_number", "person-set-aside"),
        ("events-clinic", 3, "id_number", "person-set-aside"),
        ("residents", 2, "sex", "bad-sex"),
    ]
    (said,) = load.warnings
    assert "1 rows of residents" in said.en
    assert "(1 that can be matched" in said.en


def test_a_person_with_a_good_row_beside_a_bad_one_is_no_person_set_aside(tmp_path):
    people = [resident(number) for number in (ANN, BOB, CAI, DAN)] + [resident(BOB, sex=3)]
    assert rejects(gathered(tmp_path, small_city(residents=people))) == [("residents", 5, "sex", "bad-sex")]


def test_a_source_whose_row_was_set_aside_is_said_to_be_so(tmp_path):
    sources = small_city().tables["sources"]
    load = gathered(tmp_path, small_city(sources=[sources[0], sources[1] | {"name": None}]))
    assert ["The row of source bus in sources was set aside" in text.en for text in load.warnings] == [True]
    assert load.sources()["source_code"].to_pylist() == ["clinic", "bus"]


def test_a_benefit_without_survival_needs_no_cycle(tmp_path):
    sound = small_city().tables["benefits"][0]
    other = sound | {"benefit_code": "B2", "needs_survival": "false", "cycle_months": 0}
    assert rejects(gathered(tmp_path, small_city(benefits=[sound, other]))) == []


def test_of_two_death_records_the_one_recorded_first_counts(tmp_path):
    records = [
        death(DAN, died_on="2025-05-01", recorded_on="2025-09-01"),
        death(DAN, recorded_on="2025-06-10"),
    ]
    load = gathered(tmp_path, small_city(deaths=records))
    assert [str(day) for day in load.deaths()["died_on"].to_pylist()] == ["2025-06-01"]
    assert rejects(load) == [("deaths", 1, "recorded_on", "other-death-record")]


def test_of_two_residents_the_first_counts(tmp_path):
    people = [resident(ANN, name="first"), resident(ANN, name="second"), resident(BOB)]
    load = gathered(tmp_path, small_city(residents=people, events_bus=[event(ANN, "2025-01-01")], deaths=[death(BOB)]))
    names = dict(zip(load.identities()["id_number"].to_pylist(), load.identities()["name"].to_pylist(), strict=True))
    assert names[ANN] == "first"
    assert rejects(load) == [("residents", 2, "id_number", "duplicate-resident")]


def test_only_the_first_thing_wrong_is_told(tmp_path):
    load = gathered(tmp_path, small_city(events_bus=[event(BAD_CHECK, None), event(STRANGER, "2026-01-01")]))
    assert rejects(load) == [
        ("events-bus", 1, "occurred_on", "missing-value"),
        ("events-bus", 2, "occurred_on", "after-as-of"),
    ]


def test_broken_lines_are_set_aside_and_the_others_keep_their_numbers(tmp_path):
    folder = small_city().write(tmp_path / "city")
    lines = ["id_number,occurred_on", f"{CAI},2025-01-01", f"{CAI}", f"{STRANGER},2025-01-01"]
    lines += [f"{CAI},2025-01-02,a,b", f"{CAI},2026-01-01", f"{CAI},2025-01-03"]
    (folder / "events-bus.csv").write_text("\n".join(lines) + "\n")
    load = lake.gather(folder, tmp_path / "lake", as_of=AS_OF)
    assert rejects(load) == [
        ("events-bus", 2, "", "broken-row"),
        ("events-bus", 3, "id_number", "unknown-person"),
        ("events-bus", 4, "", "broken-row"),
        ("events-bus", 5, "occurred_on", "after-as-of"),
    ]
    assert load.rejects()["line_number"].to_pylist() == [3, 4, 5, 6]
    assert load.counts["events-bus"] == {
        "read": 6,
        "kept": 2,
        "set_aside": {"after-as-of": 1, "broken-row": 2, "unknown-person": 1},
        "later": 1,
        "normalised": 0,
    }


def test_a_quote_that_never_closes_is_set_aside(tmp_path):
    folder = small_city().write(tmp_path / "city")
    (folder / "events-bus.csv").write_text(f'id_number,occurred_on\n{CAI},2025-01-01\n{CAI},"2025-01-02\n')
    load = lake.gather(folder, tmp_path / "lake", as_of=AS_OF)
    assert rejects(load) == [("events-bus", 2, "", "broken-row")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_lines_with_bytes_of_no_encoding_are_set_aside_and_the_others_read(tmp_path, encoding):
    city = small_city()
    city.descriptor["residents"] = {"encoding": encoding}
    folder = city.write(tmp_path / "city")
    lines = (folder / "residents.csv").read_text(encoding="utf-8").splitlines()
    content = [line.encode(encoding) for line in lines]
    stray = resident(STRANGER, name="王").values()
    content.insert(2, ",".join(map(str, stray)).encode(encoding).replace("王".encode(encoding), b"\xff"))
    content.insert(4, b"broken")
    content.append(",".join(map(str, resident(ANN).values())).encode(encoding) + b"\xe7")  # the end of the file
    (folder / "residents.csv").write_bytes(b"\n".join(content))
    load = lake.gather(folder, tmp_path / "lake", as_of=AS_OF)
    assert [(row["row_number"], row["line_number"], row["code"]) for row in load.rejects().to_pylist()] == [
        (2, 3, "bad-encoding"),
        (4, 5, "broken-row"),
        (8, 9, "bad-encoding"),
    ]
    assert load.people_count == 5


def test_no_whole_id_number_stands_among_the_rejects(tmp_path):
    bad = [event(STRANGER, "2025-01-01"), event(BAD_CHECK, "2025-01-01"), event(f"{CAI}0", "2025-01-01")]
    load = gathered(
        tmp_path, small_city(events_bus=bad, residents=[resident(number) for number in (ANN, ANN, BOB, DAN)])
    )
    values = [value for value in load.rejects()["value"].to_pylist() if value]
    assert f"{STRANGER[:4]}**********{STRANGER[-4:]}" in values
    assert not [value for value in values if any(number in value for number in (STRANGER, BAD_CHECK, CAI, ANN))]


def test_a_file_is_named_by_its_path_within_the_package(tmp_path):
    city = small_city()
    city.descriptor["events-bus"] = {"path": ["2024/bus.csv", "2025/bus.csv"]}
    folder = city.write(tmp_path / "city")
    for year in ("2024", "2025"):
        (folder / year).mkdir()
        lines = [f"{CAI},{year}-01-01", f"{STRANGER},{year}-01-01"] if year == "2024" else ["broken", f"{STRANGER},1"]
        (folder / year / "bus.csv").write_text("\n".join(["id_number,occurred_on", *lines]) + "\n")
    found = lake.gather(folder, tmp_path / "lake", as_of=AS_OF).rejects().to_pylist()
    assert [(row["file"], row["row_number"], row["code"]) for row in found] == [
        ("2024/bus.csv", 2, "unknown-person"),
        ("2025/bus.csv", 1, "broken-row"),
        ("2025/bus.csv", 2, "bad-date"),
    ]


def test_every_reason_has_a_next_step():
    assert set(REASONS) == set(NEXT_STEPS)


def test_strict_fails_names_the_first_rows_and_leaves_no_load(tmp_path):
    city = small_city(events_bus=[event(CAI, "2025-01-01"), event(STRANGER, "2025-01-01")])
    with pytest.raises(PackageError) as caught:
        gathered(tmp_path, city, strict=True)
    assert caught.value.code == "package.rows-set-aside"
    step = NEXT_STEPS["unknown-person"]
    for text, facts in (
        (caught.value.render("zh"), ("第 2 行", step.zh)),
        (caught.value.render("en"), ("row 2", step.en)),
    ):
        for fact in ("events-bus.csv", "id_number", "unknown-person", *facts):
            assert fact in text
    assert lake.list_loads(tmp_path / "lake") == []


def test_strict_fails_on_a_package_gathered_before(tmp_path):
    city = small_city(events_bus=[event(STRANGER, "2025-01-01")])
    gathered(tmp_path, city)
    with pytest.raises(PackageError) as caught:
        lake.gather(tmp_path / "city", tmp_path / "lake", as_of=AS_OF, strict=True)
    assert caught.value.code == "package.rows-set-aside"


LATER = small_city(
    residents=[*small_city().tables["residents"], resident(UNBORN)],
    entitlements=[entitlement(ANN), entitlement(UNBORN, started_on="2026-05-01")],
    events_bus=[event(CAI, "2026-01-05"), event(UNBORN, "2026-05-02"), event(STRANGER, "2026-06-01")],
    deaths=[death(CAI, recorded_on="2026-02-01")],
    visits=[visit(CAI, visited_on="2026-02-01"), visit(UNBORN, visited_on="2026-06-01")],
)


def test_strict_lets_pass_what_is_merely_later_than_the_as_of_date(tmp_path):
    with clock.fixed(date(2026, 7, 1)):
        load = gathered(tmp_path, LATER, strict=True)
        again = lake.gather(tmp_path / "city", tmp_path / "lake", as_of=AS_OF, strict=True)
    assert again.load_id == load.load_id
    assert {row[3] for row in rejects(load)} == {"after-as-of", "not-yet-known", "future-birth"}
    assert (load.later, load.set_aside) == (8, 8)
    assert not [text for text in load.warnings if "were set aside" in text.en]


def test_strict_refuses_what_has_not_happened_yet(tmp_path):
    with clock.fixed(date(2026, 5, 20)), pytest.raises(PackageError) as caught:
        gathered(tmp_path, LATER, strict=True)
    said = caught.value.render("en")
    assert "2 rows cannot be used" in said
    assert "events-bus.csv, row 3, column occurred_on: after-as-of (2026-06-01)" in said
    assert "2026-05-02" not in said


def test_strict_passes_a_sound_package(tmp_path):
    assert gathered(tmp_path, small_city(), strict=True).set_aside == 0


def test_beyond_a_limit_rows_are_counted_but_not_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(rejects_module, "MOST_DETAILS", 2)
    load = gathered(tmp_path, small_city(events_bus=[event(STRANGER, "2025-01-01")] * 5))
    assert load.counts["events-bus"]["set_aside"] == {"unknown-person": 5}
    assert load.rejects().num_rows == 2
    assert [text for text in load.warnings if "2" in text.zh and "5" in text.en]


def test_an_event_from_before_1900_is_set_aside_though_its_person_was_born_before(tmp_path):
    old = format_id_numbers([37170118500101001])[0].as_py()
    people = [*small_city().tables["residents"], resident(old)]
    load = gathered(
        tmp_path, small_city(residents=people, events_bus=[event(old, "1895-05-05"), event(old, "2024-01-01")])
    )
    assert ("events-bus", 1, "occurred_on", "too-early") in rejects(load)
    assert load.counts["events-bus"]["kept"] == 1


@pytest.mark.parametrize("number", ["45717", "45717.5"])
def test_a_spreadsheets_count_of_days_is_not_guessed_at_but_explained(tmp_path, number):
    load = gathered(tmp_path, small_city(events_bus=[event(CAI, number)]))
    [row] = load.rejects().to_pylist()
    assert (row["code"], row["value"]) == ("bad-date", number)
    assert "spreadsheet" in row["next_step_en"]
    assert "表格软件" in row["next_step_zh"]
