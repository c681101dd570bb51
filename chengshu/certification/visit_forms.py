"""The form of a visit, as short as a doorstep asks for."""

from uuid import uuid4

from django import forms

from chengshu.certification.states import OUTCOME_NAMES
from chengshu.certification.visit_actions import LONGEST_NOTE
from chengshu.kernel import clock
from chengshu.ui.language import said, say


class VisitForm(forms.Form):
    """What was found, when, and what else is to be said."""

    outcome = forms.ChoiceField(label=said("走访结果", "What you found"), widget=forms.RadioSelect)
    visited_on = forms.DateField(
        label=said("走访日期", "Day of the visit"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=said("备注（可不填）", "Note (optional)"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    photo = forms.FileField(
        label=said("照片（可不附，最大 10 MB）", "Photo (optional, up to 10 MB)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    client_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("initial", {"visited_on": clock.today(), "client_id": uuid4()})
        super().__init__(*args, **options)  # type: ignore[arg-type]
        names = [(code.value, say(name)) for code, name in OUTCOME_NAMES.items()]
        self.fields["outcome"].choices = names  # type: ignore[attr-defined]


class NearForm(forms.Form):
    """Where the visitor is."""

    near = forms.ChoiceField(label=said("我在", "I am in"), required=False)

    def __init__(self, *args: object, villages: list[tuple[str, str]], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["near"].choices = villages  # type: ignore[attr-defined]
