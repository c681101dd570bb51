"""In which language the command line speaks."""

import os
import sys
from collections.abc import Mapping, Sequence

from chengshu.kernel.texts import Lang

LANGUAGE_VARIABLE = "CHENGSHU_LANG"
_OPTION = "--lang"


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> Lang:
    """The language of `--lang`, else of CHENGSHU_LANG, else Chinese; known before the arguments are parsed.

    >>> chosen_language(["describe", "city", "--lang", "en"], {})
    'en'
    >>> chosen_language([], {"CHENGSHU_LANG": "en_GB.UTF-8"})
    'en'
    """
    asked = environment.get(LANGUAGE_VARIABLE, "")
    for place, argument in enumerate(arguments):
        if argument == _OPTION and place + 1 < len(arguments):
            asked = arguments[place + 1]
        elif argument.startswith(_OPTION + "="):
            asked = argument.removeprefix(_OPTION + "=")
    return "en" if asked.lower().startswith("en") else "zh"


def spoken_language() -> Lang:
    """The language of this process's own arguments and environment."""
    return chosen_language(sys.argv[1:], os.environ)
