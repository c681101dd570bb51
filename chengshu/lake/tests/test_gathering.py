"""A sound package becomes the tables that it says."""

import gzip
import io
import os
import stat
from datetime import date, datetime

import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from chengshu import lake
from chengshu.lake.tests.small_city import (
    ANN,
    AS_OF,
    BOB,
    CAI,
    DAN,
    EVE,
    PEOPLE,
    death,
    entitlement,
    event,
    gathered,
    rejects,
    resident,
    small_city,
    visit,
)


def key_of(load, number):
    table = load.identities()
    return table["person_key"][table["id_number"].to_pylist().index(number)].as_py()


def events_of(load):
    with lake.open_engine() as engine:
        rows = engine.table(engine.events(load)).to_pylist()
    return sorted((row["person_key"], row["source_no"], row["occurred_on"]) for row in rows)


def test_residents_are_ordered_by_key_and_unique(tmp_path):
    residents = gathered(tmp_path, small_city()).residents()
    keys = residents["person_key"].to_numpy()
    assert (keys[1:] > keys[:-1]).all()
    assert residents.schema.names == ["person_key", "sex", "birth_date", "region_code"]
    assert residents.num_rows == len(PEOPLE)


def test_identities_come_in_the_order_of_residents(tmp_path):
    load = gathered(tmp_path, small_city())
    identities = load.identities()
    assert identities["person_key"].equals(load.residents()["person_key"])
    assert sorted(identities["id_number"].to_pylist()) == sorted(PEOPLE)
    assert set(identities["phone"].to_pylist()) == {"13812345678"}
    born = [str(day).replace("-", "") for day in load.residents()["birth_date"].to_pylist()]
    assert born == [number[6:14] for number in identities["id_number"].to_pylist()]


def test_events_hold_person_source_and_day(tmp_path):
    load = gathered(tmp_path, small_city())
    ann, bob, cai = (key_of(load, number) for number in (ANN, BOB, CAI))
    assert events_of(load) == sorted(
        [
            (ann, 0, date(2025, 3, 1)),
            (ann, 0, date(2025, 3, 9)),
            (bob, 0, date(2025, 4, 2)),
            (cai, 1, date(2025, 5, 5)),
        ]
    )


def test_event_files_are_sorted_by_person_and_number_them_by_rank(tmp_path):
    load = gathered(tmp_path, small_city())
    keys = load.residents()["person_key"].to_pylist()
    for file in load.files("events"):
        table = pq.read_table(file)
        found = table["person_key"].to_pylist()
        assert found == sorted(found)
        assert [keys[number] for number in table["person_no"].to_pylist()] == found


def test_a_region_of_an_event_is_kept(tmp_path):
    city = small_city(
        events_bus=[
            event(CAI, "2025-05-05", region_code="371703"),
            event(CAI, "2025-05-06", region_code=None),
        ]
    )
    with lake.open_engine() as engine:
        rows = engine.table(engine.events(gathered(tmp_path, city)))
    by_day = {row["occurred_on"]: row["region_code"] for row in rows.to_pylist() if row["source_no"] == 1}
    assert by_day == {date(2025, 5, 5): "371703", date(2025, 5, 6): None}


def test_sources_count_their_events(tmp_path):
    rows = gathered(tmp_path, small_city()).sources().to_pylist()
    assert [(row["source_no"], row["source_code"], row["events"], row["has_feed"]) for row in rows] == [
        (0, "clinic", 3, True),
        (1, "bus", 1, True),
    ]


def test_counts_tell_rows_read_kept_and_set_aside(tmp_path):
    load = gathered(tmp_path, small_city(events_bus=[event(CAI, "2025-05-05"), event(CAI, "2026-05-05")]))
    assert load.counts["events-bus"] == {
        "read": 2,
        "kept": 1,
        "set_aside": {"after-as-of": 1},
        "later": 1,
        "normalised": 0,
    }
    assert load.set_aside == 1


def test_entitlements_benefits_and_visits_are_typed(tmp_path):
    city = small_city(
        visits=[visit(EVE)],
        entitlements=[entitlement(ANN, ended_on="2020-01-01"), entitlement(BOB, ended_on=None)],
    )
    load = gathered(tmp_path, city)
    by_key = {row["person_key"]: row for row in load.entitlements().to_pylist()}
    assert by_key[key_of(load, ANN)] == {
        "person_key": key_of(load, ANN),
        "benefit_code": "B1",
        "started_on": date(2015, 1, 1),
        "ended_on": date(2020, 1, 1),
        "monthly_amount": 100.0,
    }
    assert by_key[key_of(load, BOB)]["ended_on"] is None
    assert load.benefits().to_pylist()[0]["needs_survival"] is True
    assert load.visits()["outcome"].to_pylist() == ["alive"]


def test_events_after_a_recorded_death_are_kept(tmp_path):
    load = gathered(tmp_path, small_city(events_bus=[event(DAN, "2025-08-08")]))
    assert (key_of(load, DAN), 1, date(2025, 8, 8)) in events_of(load)
    assert rejects(load) == []


@pytest.mark.parametrize(
    "written",
    [
        *("2025-05-05", "2025/05/05", "20250505", "2025-05-05 23:59:59", "2025-05-05T01:02:03Z"),
        *("2025-5-5", "2025/5/5", "2025.05.05", "2025年5月5日", "2025年05月05日", "2025/5/5 8:05"),
        *("20250505 12:00:00", "20250505120000", "2025年5月5日 12:30"),
    ],
)
def test_a_day_is_read_in_every_usual_form(tmp_path, written):
    load = gathered(tmp_path, small_city(events_bus=[event(CAI, written)]))
    assert (key_of(load, CAI), 1, date(2025, 5, 5)) in events_of(load)


def test_a_lower_case_x_and_old_numbers_are_understood_and_counted(tmp_path):
    with_x = "11010519491231002X"
    city = small_city(
        residents=[resident(with_x), resident(ANN)],
        entitlements=[entitlement(ANN)],
        events_clinic=[event(with_x.lower(), "2025-01-01"), event(ANN[:6] + ANN[8:17], "2025-01-02")],
        events_bus=[event(f" {ANN} ", "2025-01-03")],
        deaths=[death(with_x)],
    )
    load = gathered(tmp_path, city)
    assert rejects(load) == []
    assert [load.counts[name]["normalised"] for name in ("events-clinic", "events-bus")] == [2, 1]


def read_csv(city, name):
    return pa.csv.read_csv(city / f"{name}.csv")


def as_parquet(city, name):
    table = read_csv(city, name)
    pq.write_table(table, city / f"{name}.parquet")
    return {"path": f"{name}.parquet"}


def as_timestamps(city, name):
    table = read_csv(city, name)
    # 17:00 UTC is the next day in China, where the city is.
    place = table.schema.get_field_index("occurred_on")
    instants = [datetime.combine(day, datetime.min.time()).replace(hour=17) for day in table["occurred_on"].to_pylist()]
    shifted = pa.array(instants, pa.timestamp("us", tz="UTC"))
    earlier = pa.compute.subtract(shifted, pa.scalar(24 * 3600 * 10**6, pa.duration("us")))
    pq.write_table(table.set_column(place, "occurred_on", earlier), city / f"{name}.parquet")
    return {"path": f"{name}.parquet"}


def as_gzip(city, name):
    content = (city / f"{name}.csv").read_bytes()
    (city / f"{name}.csv.gz").write_bytes(gzip.compress(content))
    return {"path": f"{name}.csv.gz"}


def as_loud_gzip(city, name):
    content = (city / f"{name}.csv").read_bytes()
    (city / f"{name}.csv.GZ").write_bytes(gzip.compress(content))
    return {"path": f"{name}.csv.GZ"}


def as_bom(city, name):
    content = (city / f"{name}.csv").read_bytes()
    (city / f"{name}.bom.csv").write_bytes(b"\xef\xbb\xbf" + content)
    return {"path": f"{name}.bom.csv"}


def as_gb18030(city, name):
    text = (city / f"{name}.csv").read_text(encoding="utf-8")
    (city / f"{name}.gb.csv").write_text(text, encoding="gb18030")
    return {"path": f"{name}.gb.csv", "encoding": "gb18030"}


def as_gb18030_gzip(city, name):
    text = (city / f"{name}.csv").read_text(encoding="utf-8")
    (city / f"{name}.gb.csv.gz").write_bytes(gzip.compress(text.encode("gb18030")))
    return {"path": f"{name}.gb.csv.gz", "encoding": "gb18030"}


def as_tabs(city, name):
    text = (city / f"{name}.csv").read_text(encoding="utf-8")
    (city / f"{name}.tsv").write_text(text.replace(",", "\t"), encoding="utf-8")
    return {"path": f"{name}.tsv", "dialect": {"delimiter": "\t"}}


def as_sheet(city, name):
    table = pa.csv.read_csv(io.BytesIO((city / f"{name}.csv").read_bytes()))
    book = openpyxl.Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(table.schema.names)
    for row in table.to_pylist():
        sheet.append([str(row["id_number"]), *list(row.values())[1:]])
    book.save(city / f"{name}.xlsx")
    return {"path": f"{name}.xlsx"}


def as_parts(city, name):
    header, *lines = (city / f"{name}.csv").read_text().splitlines()
    (city / name).mkdir()
    for number, line in enumerate(lines):
        (city / name / f"part-{number}.csv").write_text(f"{header}\n{line}\n")
    return {"path": f"{name}/part-*.csv"}


def as_list(city, name):
    return {"path": as_parts(city, name)["path"].replace("*", "0")[:0] or [f"{name}/part-{n}.csv" for n in range(3)]}


FORMS = [
    as_parquet,
    as_timestamps,
    as_gzip,
    as_loud_gzip,
    as_bom,
    as_gb18030,
    as_gb18030_gzip,
    as_tabs,
    as_sheet,
    as_parts,
    as_list,
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.removeprefix("as_"))
def test_every_format_leads_to_the_same_events(tmp_path, form, monkeypatch):
    monkeypatch.setenv("CHENGSHU_IDENTITY_KEY", "ab" * 32)
    city = small_city()
    expected = events_of(gathered(tmp_path, city))
    other = tmp_path / "other"
    city.write(other)
    city.descriptor["events-clinic"] = form(other, "events-clinic")
    city.describe(other)
    load = lake.gather(other, tmp_path / "lake-other", as_of=AS_OF)
    assert events_of(load) == expected
    assert load.rejects().num_rows == 0


def test_residents_may_be_gb18030(tmp_path):
    city = small_city()
    folder = city.write(tmp_path / "gb")
    city.descriptor["residents"] = as_gb18030(folder, "residents")
    city.describe(folder)
    load = lake.gather(folder, tmp_path / "lake", as_of=AS_OF)
    assert set(load.identities()["name"].to_pylist()) == {"王某"}


def test_region_codes_that_a_spreadsheet_made_quantities_of_are_codes_again(tmp_path):
    city = small_city()
    city.tables["residents"][0]["region_code"] = "371701.0"
    city.tables["residents"][1]["region_code"] = "371701001002.0"
    found = gathered(tmp_path, city).residents()["region_code"].to_pylist()
    assert len(found) == len(PEOPLE)
    assert {"371701", "371701001002"} <= set(found)
    assert not any("." in code for code in found)


def test_extra_columns_are_ignored(tmp_path):
    city = small_city(events_bus=[event(CAI, "2025-05-05", id="x", note="y")])
    assert gathered(tmp_path, city).rejects().num_rows == 0


def test_a_feed_that_never_arrives_is_a_warning(tmp_path):
    city = small_city()
    del city.tables["events-bus"]
    load = gathered(tmp_path, city)
    assert [text for text in load.warnings if "bus" in text.zh and "bus" in text.en]
    assert load.sources()["has_feed"].to_pylist() == [True, False]


def test_no_events_in_a_feed_is_a_warning(tmp_path):
    city = small_city()
    folder = city.write(tmp_path / "city")
    (folder / "events-bus.csv").write_text("id_number,occurred_on\n")
    load = lake.gather(folder, tmp_path / "lake", as_of=AS_OF)
    assert [text for text in load.warnings if "bus" in text.zh and "bus" in text.en]


def test_without_deaths_it_gathers_and_warns(tmp_path):
    city = small_city()
    del city.tables["deaths"]
    load = gathered(tmp_path, city)
    assert load.deaths().num_rows == 0
    assert [text for text in load.warnings if "deaths" in text.zh and "deaths" in text.en]


def test_a_feed_of_an_unlisted_source_adds_the_source(tmp_path):
    load = gathered(tmp_path, small_city(events_rail=[event(EVE, "2025-01-01")]))
    assert load.sources()["source_code"].to_pylist() == ["clinic", "bus", "rail"]
    assert [text for text in load.warnings if "rail" in text.zh and "rail" in text.en]


def test_progress_goes_from_nothing_to_all_in_every_stage(tmp_path):
    told: dict[str, list[float]] = {}
    gathered(tmp_path, small_city(), progress=lambda stage, done: told.setdefault(stage, []).append(done))
    assert list(told) == ["check", "residents", "records", "events", "commit"]
    assert all(shares == sorted(shares) and shares[-1] == 1.0 for shares in told.values())


def test_threads_change_nothing_in_a_load(tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGSHU_IDENTITY_KEY", "cd" * 32)
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 28)]
    rows = [event(number, day, region_code=f"3717{len(day + number) % 7:02d}") for day in days for number in PEOPLE]
    folder = small_city(events_bus=[*rows, event("bad", "2025-01-01")]).write(tmp_path / "city")
    loads = [lake.gather(folder, tmp_path / f"lake{n}", as_of=AS_OF, threads=n) for n in (1, 4)]
    for table in ("residents", "events", "entitlements", "rejects", "deaths", "sources"):
        assert loads[0].read(table).equals(loads[1].read(table)), table


def test_the_secret_is_for_the_owner_only(tmp_path):
    gathered(tmp_path, small_city())
    assert stat.S_IMODE(os.stat(tmp_path / "lake" / "secret.key").st_mode) == 0o600
