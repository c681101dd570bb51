"""The sentence that a clerk reads: why somebody was certified, or why somebody has to be asked."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.certification.domain import Decision, Found
from chengshu.kernel.texts import Lang, Text

_OLDEST = date(1900, 1, 1)
_DAYS = 73_500  # until 2101
_SPELLED = 4_000  # numbers below are spelled once, others each time

# A silence in which so many records would have come at the person's mean is normal: of three gaps one is as long.
MOST_NORMAL = 1.0
# Below this share of what was due in a silence, it is the feeds that were silent.
MOST_MISSING = 0.5
LIKELY = 0.5

# A field is the name of a figure; with a noun behind it, English counts in that noun: "1 record", "2 records".
CERTIFIED_SEEN = Text(
    "近6个月有{n}次{top}记录，最近一次记录是{day}的{last}；到最近一次记录为止的{span}个月内各类记录共{total}次，平均每月{rate}次{visit}。",
    "{n record} of {top} in the last 6 months, the latest record on {day} ({last}); {total record} of all kinds in "
    "{span month} up to then, {rate} a month on average{visit}.",
)
CERTIFIED_QUIET = Text(
    "最近一次记录是{day}的{last}，此后{silent}个月没有任何记录；"
    "到最近一次记录为止的{span}个月内各类记录共{total}次，平均每月{rate}次{note}{visit}。",
    "The latest record was on {day} ({last}), none in {silent month} since; {total record} of all kinds in "
    "{span month} up to then, {rate} a month on average{note}{visit}.",
)
CERTIFIED_UNSEEN = Text(
    "没有任何记录，此人平时就不使用这些服务，按年龄和性别判断在世的可能性很高{visit}。",
    "No record of any kind: this person does not use these services, and at this age is very probably alive{visit}.",
)
ASK_SEEN = Text(
    "近6个月有{n}次{top}记录，最近一次记录是{day}的{last}；"
    "到最近一次记录为止的{span}个月内各类记录共{total}次，平均每月{rate}次，还不足以确认在世{visit}；{ask}。",
    "{n record} of {top} in the last 6 months, the latest record on {day} ({last}); {total record} of all kinds in "
    "{span month} up to then, {rate} a month on average, is not enough to be sure{visit}; {ask}.",
)
ASK_QUIET = Text(
    "最近一次记录是{day}的{last}，此后{silent}个月没有任何记录；"
    "到最近一次记录为止的{span}个月内各类记录共{total}次，平均每月{rate}次{note}{visit}；{ask}。",
    "The latest record was on {day} ({last}), none in {silent month} since; {total record} of all kinds in "
    "{span month} up to then, {rate} a month on average{note}{visit}; {ask}.",
)
ASK_UNSEEN = Text(
    "在整个观察期内没有任何记录{visit}；{ask}。", "No record of any kind in the whole window{visit}; {ask}."
)
DEATH = Text(
    "{day}去世的死亡登记（{last}）已有记录，须经两人核实后才能停发。",
    "A record of death on {day} exists ({last}); two people must confirm it before anything is stopped.",
)
# What can be said of a silence; the first that holds is said.
NORMAL = Text("，这样的沉默属于正常", ", so such a silence is normal")
NOT_ARRIVED = Text("，此后应有的数据大多没有送到", "; most of the data due since then did not arrive")
AWAY = Text("，此人很可能在外地", "; this person is probably away")
LONG = Text("，比平时久，但在世的可能性仍有{alive}", "; long for this person, yet the chance of being alive is {alive}")
VISITS = {
    Found.ALIVE: Text("；{day}上门看望时本人在世", "; a visit on {day} found the person alive"),
    Found.MOVED_AWAY: Text("；{day}上门时得知已迁走", "; a visit on {day} found that the person had moved away"),
    Found.NOT_FOUND: Text("；{day}上门时没有见到本人", "; a visit on {day} did not find the person"),
    Found.DEAD: Text("；{day}上门时得知本人已去世", "; a visit on {day} found the person dead"),
}
_UNDER_A_TENTH = Text("不到0.1", "less than 0.1")
_ASKING = (NOT_ARRIVED, AWAY)  # what is also said of those who have to be asked
SELF_CHECK_ASK = Text("请用电话或手机联系本人确认", "please ask by phone or app")
VISIT_ASK = Text("请上门看望", "please visit")
CONFIRM_ASK = Text("请再上门核实", "please visit again to confirm it")


@dataclass(frozen=True)
class Facts:
    """What the sentences speak of, (people,) each.

    Attributes:
        decision: Decision numbers.
        top_source: source that tells most; -1 for none.
        recent_events: its events in the last six months.
        last_source: of the last event; -1 for none.
        last_day: of the last event, or of the recorded death; NaT for none.
        events: of all kinds in the whole window.
        span_months: months from the window's first to that of the last event, both included; 0 for none.
        silent_months: whole months without any event.
        arrived: share of what was due in the silence whose feeds came.
        p_away: chance of being away.
        p_dead: chance of being dead.
        visit_day: of the last visit; NaT for none.
        visit_found: number of what was Found at it; -1 where the sentence does not tell of it.
        record_source: where the death is recorded; null for none.
    """

    decision: npt.NDArray[np.int8]
    top_source: npt.NDArray[np.int8]
    recent_events: npt.NDArray[np.int32]
    last_source: npt.NDArray[np.int8]
    last_day: npt.NDArray[np.datetime64]
    events: npt.NDArray[np.int32]
    span_months: npt.NDArray[np.integer[Any]]
    silent_months: npt.NDArray[np.int16]
    arrived: npt.NDArray[np.floating[Any]]
    p_away: npt.NDArray[np.floating[Any]]
    p_dead: npt.NDArray[np.floating[Any]]
    visit_day: npt.NDArray[np.datetime64]
    visit_found: npt.NDArray[np.int8]
    record_source: pa.StringArray


def sentences(facts: Facts, source_names: list[str], lang: Lang) -> pa.StringArray:
    """One sentence per person.

    Args:
        facts: (people,) arrays.
        source_names: by number of the source.
        lang: of the sentence; names of sources stay as the city gives them.

    Returns:
        (people,) strings.
    """
    order, parts = [], []
    for chosen, template, ask in _cases(facts):
        where = np.flatnonzero(chosen)
        if len(where):
            order.append(where)
            parts.append(_filled(template.get(lang), ask, facts, where, source_names, lang))
    if not parts:
        return pa.array([], pa.string())
    back = np.argsort(np.concatenate(order), kind="stable")
    joined: pa.StringArray = pa.concat_arrays(parts).take(pa.array(back))
    return joined


def _cases(facts: Facts) -> list[tuple[npt.NDArray[np.bool_], Text, Text]]:
    """Which people get which sentence; together they are everybody, once."""
    none = Text("", "")
    has_recent = facts.recent_events > 0
    never = facts.last_source < 0
    quiet, notes = ~has_recent & ~never, _notes(facts)
    cases = [(facts.decision == Decision.DEATH_RECORDED, DEATH, none)]
    is_visit, found_dead = facts.decision == Decision.VISIT, facts.visit_found == Found.DEAD
    asks = (
        (facts.decision == Decision.CERTIFIED, none),
        (facts.decision == Decision.SELF_CHECK, SELF_CHECK_ASK),
        (is_visit & ~found_dead, VISIT_ASK),
        (is_visit & found_dead, CONFIRM_ASK),
    )
    for is_it, ask in asks:
        certified = ask is none
        cases.append((is_it & has_recent, CERTIFIED_SEEN if certified else ASK_SEEN, ask))
        for holds, note in notes:
            text = _noted(CERTIFIED_QUIET, note) if certified else _noted(ASK_QUIET, note if note in _ASKING else none)
            cases.append((is_it & quiet & holds, text, ask))
        cases.append((is_it & never, CERTIFIED_UNSEEN if certified else ASK_UNSEEN, ask))
    return cases


def _notes(facts: Facts) -> list[tuple[npt.NDArray[np.bool_], Text]]:
    """Whose silence is what; each holds for those alone for whom none before it does."""
    events = facts.events.astype(np.int64)
    told = np.zeros(len(events), dtype=bool)
    notes = []
    for holds, note in (
        (events * facts.silent_months <= MOST_NORMAL * facts.span_months, NORMAL),
        (facts.arrived < MOST_MISSING, NOT_ARRIVED),
        (facts.p_away > LIKELY, AWAY),
        (np.ones_like(told), LONG),
    ):
        notes.append((holds & ~told, note))
        told |= holds
    return notes


def _noted(template: Text, note: Text) -> Text:
    return Text(template.zh.replace("{note}", note.zh), template.en.replace("{note}", note.en))


def _filled(
    template: str, ask: Text, facts: Facts, where: npt.NDArray[np.int64], names: list[str], lang: Lang
) -> pa.StringArray:
    """Fill a template for the people at ``where``, column by column."""
    pieces: list[pa.Array | pa.Scalar] = []
    for text, field in _split(template):
        if text:
            pieces.append(pa.scalar(text))
        if field:
            pieces.append(pa.scalar(ask.get(lang)) if field == "ask" else _field(field, facts, where, names, lang))
    if all(isinstance(piece, pa.Scalar) for piece in pieces):
        return pa.array(["".join(piece.as_py() for piece in pieces)] * len(where))
    return pc.binary_join_element_wise(*pieces, "")


def _split(template: str) -> list[tuple[str, str]]:
    """Literal text and the field that follows it, in turn."""
    parts = []
    for piece in template.split("{"):
        field, found, rest = piece.partition("}")
        parts.append(("", field) if found else (piece, ""))
        if found and rest:
            parts.append((rest, ""))
    return parts


def _field(
    field: str, facts: Facts, where: npt.NDArray[np.int64], names: list[str], lang: Lang
) -> "pa.StringArray | pa.Scalar":
    if field == "day":
        return _days(facts.last_day[where])
    if field == "last":
        return _last(facts, where, names)
    if field == "top":
        return _from_table(names, facts.top_source[where])
    if field == "visit":
        return _visits(facts.visit_day[where], facts.visit_found[where], lang)
    return _figure(field, facts, where, lang)


def _figure(field: str, facts: Facts, where: npt.NDArray[np.int64], lang: Lang) -> pa.StringArray:
    if field == "alive":
        # rounded down: 99.96% must not read as certainty
        return pc.binary_join_element_wise(_tenths(np.floor(1000 * (1 - facts.p_dead[where]) + 1e-6)), "%", "")
    if field == "rate":
        return _rates(facts.events[where], facts.span_months[where], lang)
    figure, _, noun = field.partition(" ")
    figures: dict[str, npt.NDArray[np.integer[Any]]] = {
        "n": facts.recent_events,
        "silent": facts.silent_months,
        "span": facts.span_months,
        "total": facts.events,
    }
    return _counted(figures[figure][where], noun)


def _counted(figures: npt.NDArray[np.integer[Any]], noun: str) -> pa.StringArray:
    """Whole numbers, with the noun that they count if one is named."""
    if len(figures) and figures.max() >= _SPELLED:
        return pa.array([_with_noun(int(figure), noun) for figure in figures])
    return _spelled(noun).take(pa.array(figures.astype(np.int32)))


def _with_noun(figure: int, noun: str) -> str:
    return f"{figure} {noun}{'s' * (figure != 1)}" if noun else str(figure)


@cache
def _spelled(noun: str) -> pa.StringArray:
    return pa.array([_with_noun(figure, noun) for figure in range(_SPELLED)])


def _rates(events: npt.NDArray[np.integer[Any]], months: npt.NDArray[np.integer[Any]], lang: Lang) -> pa.StringArray:
    """Events a month with one decimal, as a clerk would work them out."""
    tenths = np.rint(10 * events / np.maximum(months, 1))
    return pc.if_else(pa.array(tenths == 0), _UNDER_A_TENTH.get(lang), _tenths(tenths))


def _tenths(tenths: npt.NDArray[np.floating[Any]]) -> pa.StringArray:
    """Tenths as numbers with one decimal."""
    whole = tenths.astype(np.int32)
    if len(whole) and whole.max() >= _SPELLED:
        return pa.array([f"{tenth / 10:.1f}" for tenth in whole.tolist()])
    return _spelled_tenths().take(pa.array(whole))


@cache
def _spelled_tenths() -> pa.StringArray:
    return pa.array([f"{tenth / 10:.1f}" for tenth in range(_SPELLED)])


def _last(facts: Facts, where: npt.NDArray[np.int64], names: list[str]) -> pa.StringArray:
    if len(where) and facts.decision[where[0]] == Decision.DEATH_RECORDED:
        return facts.record_source.take(pa.array(where)).fill_null("")
    return _from_table(names, facts.last_source[where])


def _visits(day: npt.NDArray[np.datetime64], found: npt.NDArray[np.int8], lang: Lang) -> "pa.StringArray | pa.Scalar":
    """What the last visit found; nothing for most, so that only the few are spelled."""
    visited = np.flatnonzero(found >= 0)
    if not len(visited):
        return pa.scalar("")
    place = np.zeros(len(found), dtype=np.int32)
    place[visited] = np.arange(1, len(visited) + 1)
    told = [
        VISITS[Found(what)].get(lang).format(day=when)
        for what, when in zip(found[visited], day[visited].astype(str), strict=True)
    ]
    return _from_table(["", *told], place)


def _from_table(words: list[str], index: npt.NDArray[Any]) -> pa.StringArray:
    return pa.array(words).take(pa.array(np.clip(index, 0, len(words) - 1).astype(np.int32)))


def _days(days: npt.NDArray[np.datetime64]) -> pa.StringArray:
    """ISO dates; each is spelled once."""
    numbers = (days - np.datetime64(_OLDEST)).astype(np.int64)
    return _spelled_days().take(pa.array(np.clip(numbers, 0, _DAYS - 1).astype(np.int32)))


@cache
def _spelled_days() -> pa.StringArray:
    return pa.array([(_OLDEST + timedelta(days=n)).isoformat() for n in range(_DAYS)])
