"""Receipt (回执): what became of each row of a submission, in numbers that add up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = ("accepted", "unchanged", "corrected", "quarantined", "unlinked", "refused")
"""入库 · 未变 · 更正 · 疑问数据 · 未关联数据 · 不予接收: every row has exactly one."""


@dataclass
class Receipt:
    """Counts grow while slices are worked through; ``rows`` is always their sum.

    ``reasons``: rule id → rows that broke it (warnings too); ``normalised``: kind → cells changed; ``reading``: how the
    file was read; ``parent``: the receipt whose rows it mends.
    """

    submission: str = ""
    parent: str | None = None
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    warnings: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    normalised: dict[str, int] = field(default_factory=dict)
    tree_size: int = 0
    root: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(self.outcomes.values())

    @property
    def clean(self) -> bool:
        """Whether no row needs a person."""
        return not any(self.outcomes[name] for name in ("quarantined", "unlinked", "refused"))

    def add(self, counts: Mapping[str, int], into: dict[str, int]) -> None:
        """Add counts by key; keys with nothing to add are left out."""
        for key, count in counts.items():
            if count:
                into[key] = into.get(key, 0) + count

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it and the API answers it."""
        return {
            "submission": self.submission,
            "rows": self.rows,
            **self.outcomes,
            "warnings": self.warnings,
            "reasons": dict(sorted(self.reasons.items())),
            "normalised": dict(sorted(self.normalised.items())),
            "checkpoint": {"size": self.tree_size, "root": self.root} if self.root else None,
            "reading": self.reading,
            "parent": self.parent,
        }
