"""Bilingual text (双语文本): what the platform says, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One message in both languages; ``zh`` is the one with legal weight."""

    zh: str
    en: str

    def format(self, **values: object) -> "Text":
        """The same text with ``{name}`` places filled in both languages; a Text fills each with its own."""
        zh = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
        en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))

    def in_language(self, language: str) -> str:
        """``zh`` for any Chinese language code, else English."""
        return self.zh if language.startswith("zh") else self.en

    def to_dict(self) -> Mapping[str, str]:
        return {"zh": self.zh, "en": self.en}
