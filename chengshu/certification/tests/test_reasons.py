import re

import numpy as np
import pyarrow as pa
import pytest

from chengshu.certification.domain import Decision, Found
from chengshu.certification.reasons import Facts, sentences

NAMES = ["门诊", "公交"]
CERTIFIED, SELF_CHECK, VISIT, DEAD = Decision
SEEN = {"top_source": 1, "recent_events": 12, "last_source": 0, "last_day": "2025-12-03", "silent_months": 0}
SEEN |= {"events": 73, "span_months": 36}
QUIET = SEEN | {"recent_events": 0, "last_day": "2025-01-31", "silent_months": 11, "span_months": 25}
UNSEEN: dict[str, object] = {}
RECORD = {"last_source": -1, "last_day": "2025-05-06", "record_source": "殡仪馆"}


def facts(*people):
    """Of (decision, what differs from somebody without any event)."""
    none = {"top_source": -1, "recent_events": 0, "last_source": -1, "last_day": "NaT", "events": 0, "span_months": 0}
    none |= {"silent_months": 36, "arrived": 1.0, "p_away": 0.0, "p_dead": 0.0041, "record_source": None}
    none |= {"visit_day": "NaT", "visit_found": -1}
    rows = [none | changes for _, changes in people]

    def column(name, dtype):
        return np.array([row[name] for row in rows], dtype=dtype)

    return Facts(
        decision=np.array([decision for decision, _ in people], dtype=np.int8),
        top_source=column("top_source", np.int8),
        recent_events=column("recent_events", np.int32),
        last_source=column("last_source", np.int8),
        last_day=column("last_day", "datetime64[D]"),
        events=column("events", np.int32),
        span_months=column("span_months", np.int16),
        silent_months=column("silent_months", np.int16),
        arrived=column("arrived", np.float32),
        p_away=column("p_away", np.float64),
        p_dead=column("p_dead", np.float64),
        visit_day=column("visit_day", "datetime64[D]"),
        visit_found=column("visit_found", np.int8),
        record_source=pa.array([row["record_source"] for row in rows], pa.string()),
    )


def sentence(decision, changes, lang):
    return sentences(facts((decision, changes)), NAMES, lang)[0].as_py()


CASES = {
    (CERTIFIED, "seen"): ["12", "公交", "2025-12-03", "门诊", "36", "73", "2.0"],
    (CERTIFIED, "quiet"): ["2025-01-31", "门诊", "11", "25", "73", "2.9"],
    (CERTIFIED, "unseen"): [],
    (SELF_CHECK, "seen"): ["12", "公交", "2025-12-03", "门诊", "36", "73", "2.0"],
    (SELF_CHECK, "quiet"): ["2025-01-31", "门诊", "11", "25", "73", "2.9"],
    (SELF_CHECK, "unseen"): [],
    (VISIT, "seen"): ["12", "公交", "2025-12-03", "门诊", "36", "73", "2.0"],
    (VISIT, "quiet"): ["2025-01-31", "门诊", "11", "25", "73", "2.9"],
    (VISIT, "unseen"): [],
    (DEAD, "record"): ["2025-05-06", "殡仪馆"],
}
HISTORIES = {"seen": SEEN, "quiet": QUIET, "unseen": UNSEEN, "record": RECORD}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("decision", "history"), CASES)
def test_every_sentence_is_one_whole_sentence_with_what_was_seen(decision, history, lang):
    text = sentence(decision, HISTORIES[history], lang)
    stop = "。" if lang == "zh" else "."
    assert text.endswith(stop)
    assert len(re.findall(r"。" if lang == "zh" else r"\.(?!\d)", text)) == 1
    assert not re.search(r"[{}]|None|nan|NaT", text)
    for fact in CASES[decision, history]:
        assert fact in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_numbers_are_those_of_the_person_and_no_others(lang):
    text = sentence(CERTIFIED, SEEN, lang)
    assert sorted(re.findall(r"[\d.-]*\d", text)) == sorted(["6", "12", "2025-12-03", "36", "73", "2.0"])


def test_the_mean_is_what_a_clerk_works_out_from_the_counts():
    """Never what the model takes for the usual rate: 56 records in 36 months are no 100 a month."""
    text = sentence(CERTIFIED, SEEN | {"events": 56}, "zh")
    assert "36个月内各类记录共56次，平均每月1.6次" in text
    assert "不到0.1次" in sentence(CERTIFIED, SEEN | {"events": 1}, "zh")
    assert "less than 0.1 a month" in sentence(CERTIFIED, SEEN | {"events": 1}, "en")


def test_large_counts_are_told_in_full():
    text = sentence(CERTIFIED, SEEN | {"events": 720_000, "recent_events": 120_000}, "en")
    assert "120000 records" in text
    assert "720000 records" in text
    assert "20000.0 a month" in text


def test_one_record_is_a_record():
    once = SEEN | {"recent_events": 1, "events": 1, "span_months": 1}
    assert sentence(CERTIFIED, once, "en").startswith("1 record of 公交 in")
    assert "; 1 record of all kinds in 1 month up to then" in sentence(CERTIFIED, once, "en")
    assert "12 records of 公交" in sentence(CERTIFIED, SEEN, "en")


SELDOM = QUIET | {"events": 2, "span_months": 25, "silent_months": 11}
SILENCES = [
    (SELDOM, "属于正常", "so such a silence is normal"),
    (SELDOM | {"silent_months": 12, "events": 2, "span_months": 24}, "属于正常", "normal"),
    (SELDOM | {"silent_months": 13, "events": 2, "span_months": 24}, "仍有99.5%", "is 99.5%"),
    (QUIET | {"p_dead": 0.0004}, "比平时久，但在世的可能性仍有99.9%", "long for this person, yet"),
    (QUIET | {"arrived": 0.2}, "没有送到", "did not arrive"),
    (QUIET | {"p_away": 0.9}, "很可能在外地", "probably away"),
]


@pytest.mark.parametrize(("history", "zh", "en"), SILENCES)
def test_a_silence_is_called_what_the_numbers_make_it(history, zh, en):
    assert zh in sentence(CERTIFIED, history, "zh")
    assert en in sentence(CERTIFIED, history, "en")


@pytest.mark.parametrize("silent", [6, 7, 28])
@pytest.mark.parametrize("events", [8, 190])
def test_no_silence_is_normal_in_which_many_records_were_due(silent, events):
    """1.0 or 23.8 a month, and none for half a year."""
    history = QUIET | {"events": events, "span_months": 8, "silent_months": silent}
    assert "正常" not in sentence(CERTIFIED, history, "zh")


def test_those_to_be_asked_are_told_of_feeds_and_absence_but_of_no_normal_silence():
    assert "没有送到；请" in sentence(SELF_CHECK, QUIET | {"arrived": 0.2}, "zh")
    assert "away; please visit" in sentence(VISIT, QUIET | {"p_away": 0.9}, "en")
    assert "正常" not in sentence(SELF_CHECK, SELDOM, "zh")


@pytest.mark.parametrize(("lang", "telephone", "visit"), [("zh", "电话", "上门"), ("en", "phone", "visit")])
def test_those_to_be_asked_are_told_how(lang, telephone, visit):
    for history in (SEEN, QUIET, UNSEEN):
        assert telephone in sentence(SELF_CHECK, history, lang)
        assert visit in sentence(VISIT, history, lang)
        certified = sentence(CERTIFIED, history, lang)
        assert telephone not in certified
        assert visit not in certified


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("found", Found)
@pytest.mark.parametrize("decision", [CERTIFIED, SELF_CHECK, VISIT])
@pytest.mark.parametrize("history", [SEEN, QUIET, UNSEEN])
def test_a_visit_is_told_with_its_day(decision, history, found, lang):
    text = sentence(decision, history | {"visit_day": "2025-12-30", "visit_found": found}, lang)
    assert text.count("2025-12-30") == 1
    without = sentence(decision, history, lang)
    assert "2025-12-30" not in without
    told = {Found.ALIVE: "本人在世", Found.MOVED_AWAY: "迁走", Found.NOT_FOUND: "没有见到", Found.DEAD: "已去世"}
    assert lang == "en" or told[found] in text


def test_who_was_found_dead_is_visited_again_to_confirm_it():
    found = {"visit_day": "2025-12-30", "visit_found": Found.DEAD}
    assert sentence(VISIT, SEEN | found, "zh").endswith("；2025-12-30上门时得知本人已去世；请再上门核实。")
    assert sentence(VISIT, UNSEEN | found, "en").endswith("found the person dead; please visit again to confirm it.")


@pytest.mark.parametrize(("lang", "word"), [("zh", "两人核实"), ("en", "two people must confirm")])
def test_a_recorded_death_still_needs_two_people(lang, word):
    assert word in sentence(DEAD, RECORD, lang)


def test_people_keep_their_order_whatever_sentence_they_get():
    people = [
        (VISIT, QUIET | {"silent_months": 9}),
        (CERTIFIED, SEEN | {"recent_events": 31}),
        (DEAD, RECORD),
        (CERTIFIED, SEEN | {"recent_events": 47}),
        (SELF_CHECK, UNSEEN),
    ]
    together = sentences(facts(*people), NAMES, "zh").to_pylist()
    assert together == [sentence(decision, changes, "zh") for decision, changes in people]


def test_nobody_gets_no_sentence():
    assert len(sentences(facts(), NAMES, "zh")) == 0


@pytest.mark.parametrize("name", ["医保{top}", "a,b", '"quoted"'])
def test_names_of_sources_stand_as_the_city_gives_them(name):
    text = sentences(facts((CERTIFIED, SEEN)), [name, name], "zh")[0].as_py()
    assert text.count(name) == 2
