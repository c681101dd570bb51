"""Columns and filters of the lists of recorded deaths and of disproved links."""

from django.db.models import QuerySet
from django.forms import TextInput
from django_filters import CharFilter, ChoiceFilter, FilterSet
from django_tables2 import A, Column, DateTimeColumn, Table

from chengshu.certification.death_queries import late_before
from chengshu.certification.models import Appeal, DeathConfirmation, DisprovedLink
from chengshu.certification.querysets import region_after
from chengshu.certification.states import (
    DEATH_STATE_NAMES,
    DEATH_WAITING,
    LINK_KIND_NAMES,
    DeathState,
    LinkKind,
)
from chengshu.kernel.texts import Text
from chengshu.ui.language import said, say

AT_STAKE, LATE, APPEALED = "at_stake", "late", "appealed"
_GROUPS = {
    AT_STAKE: Text("仍在发放（待核实、一人已核实）", "still paid: to be confirmed, or once"),
    LATE: Text("超过 30 天未办结", "waiting for more than 30 days"),
    APPEALED: Text("有申诉待答复", "an appeal waits for its answer"),
}
_ANY = said("全部", "all")
_NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}
_LONGEST_REGION = 12


def _state_choices() -> list[tuple[str, str]]:
    names = {**_GROUPS, **{state.value: name for state, name in DEATH_STATE_NAMES.items()}}
    return [(code, say(name)) for code, name in names.items()]


def _kind_choices() -> list[tuple[str, str]]:
    return [(kind.value, say(name)) for kind, name in LINK_KIND_NAMES.items()]


class _InRegion(FilterSet):
    """Narrows to a region and all below it."""

    region = CharFilter(
        method="filter_region",
        label=said("区划代码", "Region code"),
        widget=TextInput(attrs={"inputmode": "numeric", "maxlength": str(_LONGEST_REGION)}),
    )

    def filter_region(self, rows: QuerySet[DeathConfirmation], name: str, text: str) -> QuerySet[DeathConfirmation]:
        """Rows of the region; none for what is no code."""
        code = text.strip()
        if not (code.isascii() and code.isdecimal() and len(code) <= _LONGEST_REGION):
            return rows.none()
        # The code behind 999999 has a digit more, and would stand before it.
        upper = {} if set(code) == {"9"} else {"region_code__lt": region_after(code)}
        return rows.filter(region_code__gte=code, **upper)


class ConfirmationFilters(_InRegion):
    """State and region."""

    state = ChoiceFilter(
        method="filter_state", choices=_state_choices, label=said("办理状态", "State"), empty_label=_ANY
    )

    class Meta:
        model = DeathConfirmation
        fields: tuple[str, ...] = ()

    def filter_state(self, rows: QuerySet[DeathConfirmation], name: str, code: str) -> QuerySet[DeathConfirmation]:
        """Rows in one state, or in one that a group names."""
        if code == APPEALED:
            return rows.filter(pk__in=Appeal.objects.filter(decided_at__isnull=True).values("confirmation"))
        if code in (AT_STAKE, LATE):
            waiting = rows.filter(state__in=DEATH_WAITING)
            return waiting.filter(opened_at__lt=late_before()) if code == LATE else waiting
        return rows.filter(state=code)


class ConfirmationTable(Table):
    """Recorded deaths, masked."""

    name = Column(verbose_name=said("姓名", "Name"), linkify=("deaths.one", {"pk": A("pk")}), orderable=False)
    region_code = Column(verbose_name=said("区划", "Region"))
    age = Column(verbose_name=said("年龄", "Age"), attrs=_NUMBER)
    died_on = Column(verbose_name=said("登记死亡日期", "Died on"))
    record_source = Column(verbose_name=said("登记来源", "Register"), orderable=False)
    monthly_yuan = Column(verbose_name=said("月金额（元）", "Yuan a month"), attrs=_NUMBER)
    state = Column(verbose_name=said("办理状态", "State"))
    opened_at = DateTimeColumn(verbose_name=said("转来时间", "Opened"), format="Y-m-d")
    stops_on = Column(verbose_name=said("停发自", "Stopped from"))

    class Meta:
        model = DeathConfirmation
        fields = (
            "name",
            "region_code",
            "age",
            "died_on",
            "record_source",
            "monthly_yuan",
            "state",
            "opened_at",
            "stops_on",
        )
        empty_text = said("没有符合条件的死亡登记。", "No recorded death fits.")

    def render_name(self, value: str) -> str:
        """Something to click on, even of somebody without a name."""
        return value or "–"

    def render_died_on(self, value: object) -> str:
        """A day as everywhere."""
        return str(value)

    def render_stops_on(self, value: object) -> str:
        """A day as everywhere."""
        return str(value)

    def render_monthly_yuan(self, value: float) -> str:
        """Money."""
        return f"{value:,.2f}"

    def value_monthly_yuan(self, value: float) -> float:
        """A number to reckon with."""
        return value

    def render_state(self, value: str) -> str:
        """Its name."""
        return say(DEATH_STATE_NAMES[DeathState(value)])


class DisprovedFilters(_InRegion):
    """Kind and region."""

    kind = ChoiceFilter(choices=_kind_choices, label=said("种类", "Kind"), empty_label=_ANY)

    class Meta:
        model = DisprovedLink
        fields: tuple[str, ...] = ()


class DisprovedTable(Table):
    """The ledger."""

    name = Column(
        verbose_name=said("姓名", "Name"), linkify=("people.one", {"person_key": A("person_key")}), orderable=False
    )
    region_code = Column(verbose_name=said("区划", "Region"))
    kind = Column(verbose_name=said("种类", "Kind"))
    source = Column(verbose_name=said("来源", "Source"), orderable=False)
    day = Column(verbose_name=said("日期", "Day"))
    reason = Column(verbose_name=said("理由", "Why"), orderable=False)
    ruled_by = Column(verbose_name=said("认定人", "Ruled by"), accessor="ruled_by__name", orderable=False)
    ruled_at = DateTimeColumn(verbose_name=said("认定时间", "When"), format="Y-m-d")

    class Meta:
        model = DisprovedLink
        fields = ("name", "region_code", "kind", "source", "day", "reason", "ruled_by", "ruled_at")
        empty_text = said("台账中没有符合条件的记录。", "No entry of the ledger fits.")

    def render_name(self, value: str) -> str:
        """Something to click on, even of somebody without a name."""
        return value or "–"

    def render_kind(self, value: str) -> str:
        """Its name."""
        return say(LINK_KIND_NAMES[LinkKind(value)])

    def render_day(self, value: object) -> str:
        """A day as everywhere."""
        return str(value)
