"""Forms that choose whose figures are shown."""

from collections.abc import Sequence

from django import forms

from chengshu.certification.figure_queries import Choice
from chengshu.kernel.texts import Text
from chengshu.ui.language import said, say

_CITY = Text("全市", "the whole city")
_KINDS = {"county": Text("{name}", "{name}"), "department": Text("{name}发放", "paid by {name}")}


class FigureForm(forms.Form):
    """Whose figures."""

    of = forms.ChoiceField(label=said("范围", "Of"), required=False)

    def __init__(self, *args: object, choices: Sequence[Choice], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["of"].choices = [(choice.key, choice_name(choice)) for choice in choices]  # type: ignore[attr-defined]


class FeedForm(forms.Form):
    """Which county's feeds."""

    county = forms.ChoiceField(label=said("县（市、区）", "County"), required=False)

    def __init__(self, *args: object, counties: Sequence[tuple[str, str]], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["county"].choices = [("", say(_CITY)), *counties]  # type: ignore[attr-defined]


def choice_name(choice: Choice) -> str:
    """A cut as it is read."""
    return say(_KINDS[choice.kind].format(name=choice.name)) if choice.kind in _KINDS else say(_CITY)
