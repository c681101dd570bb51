"""One plain sentence per figure: what a bureau leader should take from it.

Each function is total: with no rows it says that there is nothing to show, and why.
"""

from chengshu.certification.report.data import (
    BenefitRow,
    CountyRow,
    DecisionCounts,
    Funnel,
    LateDeathPoint,
    ReportData,
    TruthCheck,
)
from chengshu.kernel.texts import Text

# Below this many people a rate is chance, and no ranking is read out of it.
_ENOUGH_PEOPLE = 20

_NOBODY = Text("本次没有需要认证的人。", "Nobody needed a decision in this run.")


def find_sentences(report: ReportData) -> dict[str, Text]:
    """Figure name to its sentence, in the order of the page."""
    return {
        "headline": headline(report),
        "safety": safety(report),
        "funnel": funnel(report),
        "county_rate": county_rate(report),
        "county_dead": county_dead(report),
        "benefit": benefit(report),
        "remaining_county": remaining_county(report),
        "remaining_age": remaining_age(report),
        "calibration": calibration(report),
        "late_deaths": late_deaths(report.calibration.late_deaths),
        "sources": sources(report),
        "after_death": after_death(report),
        "feeds": feeds(report),
        "broken": broken(report),
        "lapses": lapses(report),
        "rejects": rejects(report),
        "stages": stages(report),
    }


def headline(report: ReportData) -> Text:
    """The answer, first."""
    people = report.funnel.people
    if people.silent_rate is None:
        return _NOBODY
    return Text(
        "{people} 位待遇领取人中，{rate} 已由数据确认在世，不用跑腿、不用证明；需要有人去问的是 {remaining} 人。",
        "Of {people} people who draw a benefit, {rate} are confirmed alive by data alone, with "
        "nothing to prove; "
        "{remaining} still have to be asked.",
    ).format(people=_count(people.total), rate=_share(people.silent_rate), remaining=_count(people.remaining))


def safety(report: ReportData) -> Text:
    """What the promise was, and whether the model expects it to hold."""
    expected, limit = report.safety.expected_dead_share, report.safety.max_dead_share
    if expected is None:
        return Text(
            "本次要求：静默认证的人中已故者不超过 {limit}；没有人通过静默认证，无从估计。",
            "Asked for: at most {limit} dead among the certified; nobody was certified, so there is nothing to expect.",
        ).format(limit=_small_share(limit))
    return Text(
        "静默认证的人中，预计已故者占 {share}（95% 区间 {low} 至 {high}），要求不超过 {limit}。",
        "Among the certified, {share} are expected to be dead (95% interval {low} to {high}); the limit is {limit}.",
    ).format(
        share=_small_share(expected.value),
        low=_small_share(expected.low),
        high=_small_share(expected.high),
        limit=_small_share(limit),
    )


def funnel(report: ReportData) -> Text:
    """How many visits are left."""
    people = report.funnel.people
    if not people.total:
        return _NOBODY
    counted, unseen = _counted(people), _unseen(report.funnel)
    return Text(counted.zh + unseen.zh, counted.en + unseen.en)


def _unseen(funnel: Funnel) -> Text:
    """How many are certified without any trace of them."""
    if not funnel.people.certified:
        return Text("", "")
    if not funnel.certified_unseen:
        return Text(
            "静默认证的人都有记录或上门结果可依。", " Everybody certified silently was seen by a source or a visitor."
        )
    return Text(
        "静默认证的人中，有 {unseen} 人在整个观察期内没有任何记录，只凭年龄和性别判断；如不放心，请先抽查他们。",
        " Certified by age and sex alone, without one record in the whole window: {unseen}. "
        "If in doubt, audit these first.",
    ).format(unseen=_count(funnel.certified_unseen))


def _counted(people: DecisionCounts) -> Text:
    return Text(
        "{certified} 人静默认证通过，{self_check} 人请本人用手机或电话自证，只有 {visit} 人需要上门；"
        "{dead} 人已有死亡登记，须两人核实后才能停发。",
        "{certified} people are certified silently, {self_check} are asked by app or phone, only "
        "{visit} need a visit; "
        "{dead} have a recorded death, which two people must confirm before any payment stops.",
    ).format(
        certified=_count(people.certified),
        self_check=_count(people.self_check),
        visit=_count(people.visit),
        dead=_count(people.death_recorded),
    )


def county_rate(report: ReportData) -> Text:
    """The lowest and the highest county."""
    rated = [county for county in report.counties if county.decisions.total >= _ENOUGH_PEOPLE]
    if not rated:
        return _NOBODY
    lowest, highest = min(rated, key=_county_rate), max(rated, key=_county_rate)
    return Text(
        "{low}静默认证率最低：{low_rate}；{high}最高：{high_rate}。",
        "{low} has the lowest silent rate, {low_rate}; {high} the highest, {high_rate}.",
    ).format(
        low=lowest.name,
        low_rate=_share(_county_rate(lowest)),
        high=highest.name,
        high_rate=_share(_county_rate(highest)),
    )


def county_dead(report: ReportData) -> Text:
    """Whether a county stands clearly above the limit."""
    known = [
        (county.name, county.expected_dead_share)
        for county in report.counties
        if county.expected_dead_share is not None
    ]
    if not known:
        return Text("没有按县估计。", "There is no estimate by county.")
    above = [name for name, share in known if share.low > report.safety.max_dead_share]
    if above:
        return Text(
            "{names}明显高于全市上限 {limit}，建议优先抽查。",
            "{names}: clearly above the city's limit of {limit}; audit there first.",
        ).format(names="、".join(above), limit=_small_share(report.safety.max_dead_share))
    name, share = max(known, key=lambda item: item[1].value)
    return Text(
        "没有哪个县明显高于全市上限；预计最高的是{name}：{share}。",
        "No county is clearly above the city's limit; the highest expectation is {name}, {share}.",
    ).format(name=name, share=_small_share(share.value))


def benefit(report: ReportData) -> Text:
    """The benefit with most left to ask, and its money."""
    rated = [row for row in report.benefits if row.people >= _ENOUGH_PEOPLE]
    if not rated:
        return _NOBODY
    lowest = min(rated, key=_benefit_rate)
    return Text(
        "“{name}”静默认证率最低：{rate}，还有 {remaining} 人要问，该项待遇每月共发放 {money} 元。",
        "“{name}” has the lowest silent rate, {rate}: {remaining} people to ask, on a benefit "
        "that pays {money} yuan a month.",
    ).format(
        name=lowest.name,
        rate=_share(_benefit_rate(lowest)),
        remaining=_count(lowest.people - lowest.certified),
        money=_count(round(lowest.monthly_yuan)),
    )


def remaining_county(report: ReportData) -> Text:
    """Where the walking will be."""
    remaining = report.funnel.people.remaining
    counties = [county for county in report.counties if county.decisions.remaining]
    if not counties:
        return Text("没有需要再问的人。", "Nobody is left to ask.")
    most = max(counties, key=lambda county: county.decisions.remaining)
    return Text(
        "要问的人最多的是{name}：{count} 人，占全市的 {share}，其中上门 {visit} 人。",
        "{name} has most people left to ask: {count}, {share} of the city's, {visit} of them to visit.",
    ).format(
        name=most.name,
        count=_count(most.decisions.remaining),
        share=_share(most.decisions.remaining / max(remaining, most.decisions.remaining)),
        visit=_count(most.decisions.visit),
    )


def remaining_age(report: ReportData) -> Text:
    """Which ages the data cannot see."""
    rated = [row for row in report.ages if row.decisions.total >= _ENOUGH_PEOPLE]
    if not rated:
        return _NOBODY
    lowest = min(rated, key=lambda row: _rate(row.decisions))
    until_zh, until_en = (
        (" 岁及以上", " and over") if lowest.age_to is None else (f"～{lowest.age_to} 岁", f"-{lowest.age_to}")
    )
    return Text(
        "{age}{until_zh}的人最难只靠数据确认：静默认证率 {rate}。",
        "People aged {age}{until_en} are the hardest to confirm by data alone: silent rate {rate}.",
    ).format(age=lowest.age_from, until_zh=until_zh, until_en=until_en, rate=_share(_rate(lowest.decisions)))


def calibration(report: ReportData) -> Text:
    """Prediction against truth where truth is known; else what the model says of itself."""
    if report.calibration.truth is not None:
        return _against_truth(report.calibration.truth)
    people = sum(band.people for band in report.calibration.bands)
    if not people:
        return _NOBODY
    sure = sum(band.people for band in report.calibration.bands if band.p_low >= 0.99)
    return Text(
        "模型对 {share} 的人有 99% 以上的把握。这只是模型自己的说法，还没有用事实核对。",
        "The model is at least 99% sure that {share} of the people are alive. That is its own "
        "word, not yet checked against facts.",
    ).format(share=_share(sure / people))


def _against_truth(truth: TruthCheck) -> Text:
    """How many bands keep their word."""
    filled = [band for band in truth.bands if band.people]
    kept = [band for band in filled if band.observed.low <= band.predicted <= band.observed.high]
    return Text(
        "与事实核对：{total} 个把握档次中，{kept} 个的预测落在实际结果的 95% 区间内。",
        "Checked against the truth: in {kept} of {total} bands the prediction lies within the 95% "
        "interval of what was found.",
    ).format(total=len(filled), kept=len(kept))


def late_deaths(points: tuple[LateDeathPoint, ...]) -> Text:
    """How soon the model notices a death that nobody has recorded yet."""
    if not points:
        return Text(
            "没有足够的“后来才登记的死亡”可供回看。",
            "There are not enough deaths that were recorded late to look back on.",
        )
    last = max(points, key=lambda point: point.months_since_death)
    # from there on for good: a single month of few people that dips below the line tells nothing
    doubts = [number for number, point in enumerate(points) if point.p_alive.value >= 0.5]
    noticed = points[doubts[-1] + 1 if doubts else 0 :]
    if not noticed:
        return Text(
            "到去世后第 {months} 个月，模型在没有看到登记的情况下仍给出平均 {p} 的在世可能性。",
            "By month {months} after a death, the model, without seeing the record, still gives a "
            "mean chance of being alive of {p}.",
        ).format(months=last.months_since_death, p=_share(last.p_alive.value))
    return Text(
        "没有看到登记时，从去世后第 {months} 个月起，模型平均判断“更可能已故”。",
        "Without seeing the record, the model thinks death the likelier from month {months} after it on, on average.",
    ).format(months=noticed[0].months_since_death)


def sources(report: ReportData) -> Text:
    """Which source tells most, and which is the best known to say little."""
    told = [source for source in report.sources if source.bits_per_event is not None]
    if not told:
        return Text("没有可用的数据来源。", "There is no source to learn from.")
    best = max(told, key=lambda source: source.bits_per_event or 0.0)
    least = min(told, key=lambda source: source.bits_per_event or 0.0)
    return Text(
        "一条“{best}”记录最能说明人在世；一条“{least}”记录说明得最少。",
        "One record of “{best}” is the best sign of life; one of “{least}” says least.",
    ).format(best=best.name, least=least.name)


def after_death(report: ReportData) -> Text:
    """Where relatives go on using a dead person's card."""
    known = [(source.name, source.use_after_death) for source in report.sources if source.use_after_death is not None]
    if not known:
        return Text("没有足够的死亡登记来估计。", "There are not enough recorded deaths to estimate this.")
    name, use = max(known, key=lambda item: item[1].value)
    return Text(
        "“{name}”最容易被家人代用：有人代用时，频次为本人在世时的 {share}（95% 区间 {low} 至 {high}）。",
        "“{name}” is what relatives use most: where they go on, {share} as often as the person did "
        "(95% interval {low} to {high}).",
    ).format(name=name, share=f"{use.value:.0%}", low=f"{use.low:.0%}", high=f"{use.high:.0%}")


def feeds(report: ReportData) -> Text:
    """How complete the data is."""
    known = [share for row in report.feeds.rows for share in row.exposure if share is not None]
    if not known:
        return Text("没有收到任何来源的数据。", "No source sent any data.")
    thin = sum(share < 0.5 for share in known)
    silent = [row.source_name for row in report.feeds.rows if all(share is None for share in row.exposure)]
    base = Text(
        "{total} 个“来源·月份”中，有 {thin} 个到数不足一半。",
        "Of {total} source-months, {thin} brought less than half of what was expected.",
    ).format(total=_count(len(known)), thin=_count(thin))
    if not silent:
        return base
    return Text(base.zh + f"从未到数的来源：{'、'.join(silent)}。", base.en + f" Never arrived: {', '.join(silent)}.")


def broken(report: ReportData) -> Text:
    """Whom to telephone."""
    found = report.feeds.broken
    if not found:
        return Text("没有发现中断的数据来源。", "No feed was found broken.")
    departments = {feed.department for feed in found}
    return Text(
        "发现 {count} 处中断或严重缺数，请联系 {departments} 个部门补数。"
        "某人最后一条记录之后的缺数不会降低其在世可能性；在那之前的缺数可能影响判断，补齐后更准。",
        "Found broken or badly short: {count}; departments to call: {departments}. A gap after somebody's last record "
        "does not lower that person's chance of being alive; an earlier one may, so have it filled.",
    ).format(count=len(found), departments=len(departments))


def lapses(report: ReportData) -> Text:
    """When the next wave of work comes."""
    filled = [month for month in report.lapses if month.certificates]
    if not filled:
        return Text("没有将到期的认证。", "No certificate is going to lapse.")
    most = max(filled, key=lambda month: month.certificates)
    when = f"{most.month.year}-{most.month.month:02d}"
    return Text(
        "如果此后再无任何记录，到期最多的月份是 {when}：{count} 份。实际上大多数人会有新记录，认证会自动顺延。",
        "If nothing more were seen, most certificates would lapse in {when}: {count}. Most people "
        "will be seen again, and theirs renew.",
    ).format(when=when, count=_count(most.certificates))


def rejects(report: ReportData) -> Text:
    """What was set aside."""
    if not report.rejects:
        return Text("没有任何一行被搁置。", "Not one row was set aside.")
    most = max(report.rejects, key=lambda row: row.rows)
    return Text(
        "共搁置 {total} 行，没有一行被悄悄丢掉；最多的原因是“{reason}”：{rows} 行。",
        "{total} rows were set aside, none dropped in silence; the commonest reason is “{reason_en}”: {rows} rows.",
    ).format(
        total=_count(report.totals.rows_set_aside),
        reason=most.reason.zh,
        reason_en=most.reason.en,
        rows=_count(most.rows),
    )


def stages(report: ReportData) -> Text:
    """How long it took."""
    total = sum(stage.seconds for stage in report.stages)
    if not report.stages:
        return Text("没有分阶段的用时。", "There are no times by stage.")
    slowest = max(report.stages, key=lambda stage: stage.seconds)
    return Text(
        f"全程 {total:.1f} 秒，用时最长的是“{slowest.name.zh}”：{slowest.seconds:.1f} 秒。",
        f"{total:.1f} seconds in all; the longest stage is “{slowest.name.en}”, {slowest.seconds:.1f} seconds.",
    )


def _rate(decisions: DecisionCounts) -> float:
    return decisions.silent_rate or 0.0


def _county_rate(county: CountyRow) -> float:
    return _rate(county.decisions)


def _benefit_rate(row: BenefitRow) -> float:
    return row.certified / row.people if row.people else 0.0


def _count(number: int) -> str:
    return f"{number:,}"


def _share(share: float) -> str:
    return f"{share:.1%}"


def _small_share(share: float) -> str:
    return f"{share:.2%}"
