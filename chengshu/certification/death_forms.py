"""Forms about recorded deaths, appeals, and the ledger."""

from collections.abc import Sequence

from django import forms

from chengshu.ui.language import said

_LINES = forms.Textarea(attrs={"rows": 4})
_FEW_LINES = forms.Textarea(attrs={"rows": 3})


class ReasonForm(forms.Form):
    """Why a record is refuted, or money given back."""

    reason = forms.CharField(
        label=said("理由", "Why"), min_length=2, max_length=500, widget=_FEW_LINES,
        help_text=said("写明核实经过，如“上门见到本人”。", "What it rests on, such as “met at home”."),
    )  # fmt: skip


class AppealForm(forms.Form):
    """What the family says, taken down by staff."""

    text = forms.CharField(label=said("申诉内容", "What they say"), min_length=2, max_length=2000, widget=_LINES)
    contact = forms.CharField(
        label=said("联系人与电话", "Whom to answer, and the telephone"), min_length=2, max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class AnswerForm(forms.Form):
    """The answer to an appeal."""

    answer = forms.CharField(label=said("答复", "Answer"), min_length=2, max_length=500, widget=_FEW_LINES)


class DisproveForm(forms.Form):
    """Records of a source that are not somebody's."""

    person_key = forms.IntegerField(
        label=said("人员编号", "Key of the person"), min_value=-(2**63), max_value=2**63 - 1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=said("人员页面地址中的数字。", "The number in the address of the person's page."),
    )  # fmt: skip
    source = forms.ChoiceField(label=said("数据来源", "Source"))
    day = forms.DateField(
        label=said("记录日期", "Day of the record"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=said("留空则为该来源的全部记录。", "Empty: all records of the source."),
    )  # fmt: skip
    reason = forms.CharField(label=said("理由", "Why"), min_length=2, max_length=500, widget=_FEW_LINES)

    def __init__(self, *args: object, sources: Sequence[tuple[str, str]], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["source"].choices = list(sources)  # type: ignore[attr-defined]
