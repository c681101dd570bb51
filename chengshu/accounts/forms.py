"""Forms of accounts."""

from datetime import timedelta

from django import forms

from chengshu.accounts.token_actions import SCOPES
from chengshu.kernel import clock
from chengshu.ui.language import said, say


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(
        label=said("名称", "Name"), max_length=64, help_text=said("哪个程序使用它。", "Which program uses it.")
    )
    scopes = forms.MultipleChoiceField(label=said("权限范围", "Scopes"), widget=forms.CheckboxSelectMultiple)
    last_day = forms.DateField(
        label=said("有效至", "Valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["scopes"].choices = [(key, say(name)) for key, name in SCOPES.items()]  # type: ignore[attr-defined]
        self.fields["last_day"].initial = clock.today() + timedelta(days=90)
