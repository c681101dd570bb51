"""Texts for users, in Chinese and in English at once."""

from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]


class Text(NamedTuple):
    """One message in both languages; neither may be missing.

    >>> Text("{count} 人", "{count} people").format(count=3).get("en")
    '3 people'
    """

    zh: str
    en: str

    def get(self, lang: Lang) -> str:
        """The message in one language."""
        return self.zh if lang == "zh" else self.en

    def format(self, **facts: object) -> "Text":
        """Put facts into both languages' placeholders.

        Raises:
            KeyError: names a placeholder for which no fact was given.
        """
        return Text(self.zh.format(**facts), self.en.format(**facts))
