"""Forms of self-checks: for staff, and the one for residents."""

from django import forms

from chengshu.certification.self_check_keys import CODE_DIGITS, ID_SIGNS, tidy
from chengshu.certification.self_check_states import ASKED_NAMES, Asked
from chengshu.kernel.texts import Text
from chengshu.ui.language import said, say

_ANY = Text("全部", "all")


class AskedForm(forms.Form):
    """What narrows the list of those who are asked to confirm themselves."""

    region = forms.RegexField(
        r"^[0-9]*$",
        label=said("区划代码", "Region code"),
        required=False,
        max_length=12,
        error_messages={"invalid": said("区划代码只有数字。", "A region code has digits only.")},
    )
    asked = forms.ChoiceField(label=said("进度", "How far it has come"), required=False)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        names = [(each.value, say(ASKED_NAMES[each])) for each in Asked]
        self.fields["asked"].choices = [("", say(_ANY)), *names]  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    """The code of a message, and the end of an ID number."""

    code = forms.CharField(
        label=said("短信里的六位验证码", "The six-digit code of the message"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    digits = forms.CharField(
        label=said("身份证号的最后四位", "The last four signs of your ID number"),
        max_length=12,
        help_text=said("最后一位是 X 的，就输入 X。", "If the last one is an X, type X."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def clean_code(self) -> str:
        """Six digits, however they were typed."""
        code = tidy(self.cleaned_data["code"])
        if len(code) != CODE_DIGITS or not (code.isascii() and code.isdecimal()):
            raise forms.ValidationError(said("验证码是六位数字。", "The code has six digits."))
        return code

    def clean_digits(self) -> str:
        """Four digits, or three and an X."""
        digits = tidy(self.cleaned_data["digits"])
        if len(digits) != ID_SIGNS or not (digits.isascii() and digits.removesuffix("X").isdecimal()):
            raise forms.ValidationError(said("请输入最后四位，如 123X。", "Type the last four, such as 123X."))
        return digits
