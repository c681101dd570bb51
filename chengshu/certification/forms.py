"""Forms of certification."""

from django import forms

from chengshu.certification.items import benefits_of, departments_of
from chengshu.certification.models import Run
from chengshu.certification.roster import ORDERS
from chengshu.certification.states import DECISION_NAMES
from chengshu.kernel.texts import Text
from chengshu.ui.language import said, say

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_ANY = Text("全部", "all")
_ORDER_NAMES = {
    "value": Text("最值得问的在前", "most worth asking first"),
    "doubt": Text("最没把握的在前", "least sure first"),
    "money": Text("金额最大的在前", "most money first"),
}


class StartForm(forms.Form):
    """What a run is asked for."""

    as_of = forms.DateField(
        label=said("认证日", "Day"),
        required=False,
        widget=_DAY,
        help_text=said("留空则为数据的基准日。", "Empty: the day of the data."),
    )
    max_dead_share = forms.FloatField(
        label=said("死亡占比上限", "Bound of the dead share"),
        initial=0.003,
        min_value=0.0001,
        max_value=0.2,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


class ReturnForm(forms.Form):
    """Why a run is given back."""

    reason = forms.CharField(label=said("退回理由", "Why"), max_length=400)


class PurposeForm(forms.Form):
    """What somebody's full identity is needed for."""

    purpose = forms.CharField(
        label=said("查看目的", "Purpose"),
        min_length=2,
        max_length=400,
        help_text=said("会写入审计记录，如“核实高龄津贴”。", "It goes on record, such as “to verify the allowance”."),
    )


class PeopleForm(forms.Form):
    """What narrows the list of people."""

    decision = forms.ChoiceField(label=said("决定", "Decision"), required=False)
    region = forms.CharField(label=said("区划代码", "Region code"), required=False, max_length=12)
    sex = forms.TypedChoiceField(label=said("性别", "Sex"), required=False, coerce=int, empty_value=None)
    age_from = forms.IntegerField(label=said("年龄自", "Age from"), required=False, min_value=0, max_value=130)
    age_to = forms.IntegerField(label=said("年龄至", "Age to"), required=False, min_value=0, max_value=130)
    p_from = forms.FloatField(label=said("在世可能自", "Chance alive from"), required=False, min_value=0, max_value=1)
    p_to = forms.FloatField(label=said("在世可能至", "Chance alive to"), required=False, min_value=0, max_value=1)
    benefit = forms.ChoiceField(label=said("待遇", "Benefit"), required=False)
    department = forms.ChoiceField(label=said("发放部门", "Paid by"), required=False)
    order = forms.ChoiceField(label=said("排序", "Order"), required=False)

    def __init__(self, *args: object, run: Run | None = None, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        any_of = [("", say(_ANY))]
        benefits, self._departments = (benefits_of(run), departments_of(run)) if run else ([], [])
        self._benefits = [benefit["code"] for benefit in benefits]
        self._choose("benefit", [*any_of, *((benefit["code"], benefit["name"]) for benefit in benefits)])
        self._choose("department", [*any_of, *((name, name) for name in self._departments)])
        self._choose("decision", [*any_of, *((code, say(name)) for code, name in DECISION_NAMES.items())])
        self._choose("sex", [*any_of, (1, say(Text("男", "male"))), (2, say(Text("女", "female")))])
        self._choose("order", [(code, say(_ORDER_NAMES[code])) for code in ORDERS])

    def _choose(self, field: str, choices: list[tuple[object, str]]) -> None:
        self.fields[field].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """What was chosen by name, as the bits of a run's columns too."""
        cleaned: dict[str, object] = super().clean() or {}
        for field, bits, names in (
            ("benefit", "benefit_bits", self._benefits),
            ("department", "department_bits", self._departments),
        ):
            chosen = cleaned.get(field)
            cleaned[bits] = 1 << names.index(str(chosen)) if chosen else 0
        return cleaned

    def clean_region(self) -> str:
        """Digits alone."""
        region = str(self.cleaned_data["region"]).strip()
        if region and not (region.isascii() and region.isdecimal()):
            raise forms.ValidationError(said("区划代码只有数字。", "A region code has digits only."))
        return region
