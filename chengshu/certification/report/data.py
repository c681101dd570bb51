"""What the report shows: plain frozen facts, without any wish about how they look.

Shares are fractions in [0, 1], money is yuan, months are the first day of the month. `None` means "not known"
and is shown as such; an empty tuple means "none of these".
"""

from dataclasses import dataclass
from datetime import date, datetime

from chengshu.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95% interval; `low <= value <= high`."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCounts:
    """How many people (or benefit rows) got each decision."""

    certified: int = 0
    self_check: int = 0
    visit: int = 0
    death_recorded: int = 0

    @property
    def total(self) -> int:
        """All who needed a decision."""
        return self.certified + self.self_check + self.visit + self.death_recorded

    @property
    def remaining(self) -> int:
        """Those of whom somebody still has to ask."""
        return self.self_check + self.visit

    @property
    def silent_rate(self) -> float | None:
        """Certified share of all who needed a decision; None where nobody did."""
        return self.certified / self.total if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """Which run this is.

    Args:
        city_name: as the city data package names it.
        as_of: the day for which the decisions hold.
        generated_at: when the run ended.
        version: of Chengshu.
        engine: `duckdb` or `sc://host:port`.
        is_simulated: the people are a sample city's and do not exist; the page says so in large letters.
        peak_memory_bytes: of the whole run.
    """

    city_name: str
    as_of: date
    generated_at: datetime
    version: str
    engine: str
    is_simulated: bool = False
    peak_memory_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the run read."""

    people: int
    entitlements: int
    events_read: int
    rows_set_aside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """From all residents to the four decisions, by person and by person and benefit.

    A person counts once, with the decision that asks for most: visit before self-check before certified.

    Args:
        residents: all of the package.
        people: who needed a decision.
        benefit_rows: people and benefits that needed one.
        certified_unseen: certified people without one record or visit in the window: by age and sex alone.
    """

    residents: int
    people: DecisionCounts
    benefit_rows: DecisionCounts
    certified_unseen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """The promise that the run kept.

    Args:
        max_dead_share: the limit that was asked for.
        expected_dead_share: of the certified, as the model expects it.
        p_alive_threshold: the least chance of being alive with which somebody was certified.
    """

    max_dead_share: float
    expected_dead_share: Estimate | None
    p_alive_threshold: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyRow:
    """People who needed a decision, by county of residence."""

    code: str
    name: str
    decisions: DecisionCounts
    expected_dead_share: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRow:
    """People who needed a decision, by age; `age_to` inclusive, None for the open band."""

    age_from: int
    age_to: int | None
    decisions: DecisionCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitRow:
    """One benefit that needs survival; `monthly_yuan` is paid to all `people` together."""

    code: str
    name: str
    department: str
    people: int
    certified: int
    monthly_yuan: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BandRow:
    """People whose chance of being alive lies in [p_low, p_high), and its mean."""

    p_low: float
    p_high: float
    people: int
    mean_p_alive: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthBand:
    """A band of people of whom it is known who is alive."""

    p_low: float
    p_high: float
    people: int
    predicted: float
    observed: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthCheck:
    """Prediction against truth, from a random audit or from `chengshu evaluate`."""

    origin: Text
    bands: tuple[TruthBand, ...]
    brier: float | None = None
    log_loss: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDeathPoint:
    """What the model said about people who had died, before it could see the record.

    Args:
        months_since_death: whole months between death and the day of the prediction; >= 0.
        people: who had a later recorded death and were predicted at that distance.
        p_alive: their mean chance of being alive, the record hidden.
    """

    months_since_death: int
    people: int
    p_alive: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far the probabilities can be trusted.

    `truth` is None in a plain run: the page then says what it would take, and shows the self-check.
    """

    bands: tuple[BandRow, ...]
    truth: TruthCheck | None = None
    late_deaths: tuple[LateDeathPoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source and what it tells.

    Args:
        code: of the source, as in the package.
        name: Chinese.
        department: that sends it.
        events: read in the whole window.
        people: distinct people seen.
        bits_per_event: mean evidence for life of one event; >= 0, None where it was never used.
        use_after_death: ρ, the rate at which relatives go on after a death, relative to the person's own.
        use_while_away: φ, the rate while the person is away, relative to present.
        season: 12 factors, January first, mean 1; empty where none was estimated.
    """

    code: str
    name: str
    department: str
    events: int
    people: int
    bits_per_event: float | None
    use_after_death: Estimate | None = None
    use_while_away: float | None = None
    season: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One source's exposure by month over the whole city, in the order of `Feeds.months`.

    1 is as much as expected, 0 nothing; None where no feed was ever expected.
    """

    source_code: str
    source_name: str
    exposure: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenFeed:
    """A feed to telephone about; `county_name` None means the whole city."""

    source_code: str
    source_name: str
    department: str
    first_month: date
    last_month: date
    exposure: float
    county_code: str | None = None
    county_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """Feeds × months, and those found broken."""

    months: tuple[date, ...]
    rows: tuple[FeedRow, ...]
    broken: tuple[BrokenFeed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseMonth:
    """Certificates that lapse in this month if nothing more is seen."""

    month: date
    certificates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRow:
    """Rows set aside for one reason."""

    resource: str
    code: str
    reason: Text
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One stage of the run.

    Args:
        name: of the stage.
        seconds: that it took.
        rows: that it worked on: read from the package, events counted, people the model learned from, people judged,
            decisions written; None where it has no natural count.
    """

    name: Text
    seconds: float
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """Everything on the page."""

    run: RunFacts
    totals: Totals
    funnel: Funnel
    safety: Safety
    counties: tuple[CountyRow, ...]
    ages: tuple[AgeRow, ...]
    benefits: tuple[BenefitRow, ...]
    calibration: Calibration
    sources: tuple[SourceRow, ...]
    feeds: Feeds
    lapses: tuple[LapseMonth, ...]
    rejects: tuple[RejectRow, ...]
    stages: tuple[StageRow, ...]
    warnings: tuple[Text, ...] = ()
