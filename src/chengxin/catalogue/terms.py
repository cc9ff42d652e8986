"""Terms (公示期限规则): the dated regimes of publication and the standards of severity, as data.

A regime says for which decisions it speaks, how a term is counted, and for each severity whether and how long a record
is published. A severity standard says which severity a decision has when the authority gave none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chengxin.catalogue.conditions import Condition
from chengxin.catalogue.laws import NO_TEXT, Basis
from chengxin.kernel.text import Text


@dataclass(frozen=True)
class Counting:
    """How a term is counted (期限计算). ``start``: ``decision-day`` = the decision day is the first day of the term,
    ``next-day`` = the day after it is. ``month_end`` and ``leap_day``: ``clip`` = a day that the target month lacks
    becomes its last day, ``roll`` = it becomes the first day of the next month (``leap_day`` speaks of 29 February only).
    """

    start: str
    month_end: str
    leap_day: str
    basis: tuple[Basis, ...]
    confirmed: bool


@dataclass(frozen=True)
class Term:
    """What a regime says of one severity (期限). The first term whose severity and condition fit a record counts.

    ``publish``: ``always``, ``if-necessary`` (only with a publication-necessary reason) or ``never``.
    ``min_months`` → when repair may first be asked for; ``max_months`` → when publication ends by itself.
    """

    severity: str
    publish: str
    min_months: int | None
    max_months: int | None
    when: Condition | None = None
    confirmed: bool = True
    mark: str = ""
    note: Text = NO_TEXT


@dataclass(frozen=True)
class Transition:
    """What happens to windows still open when the next regime comes into force (过渡规则).

    ``shorter``: from ``at`` on the end is the earlier of the regime's own and the one that regime ``to`` would give,
    but never before ``at``. Without a transition the regime's own terms run on.
    """

    to: str
    at: date
    rule: str
    confirmed: bool


@dataclass(frozen=True)
class Withhold:
    """A condition under which a record is not published (不予公示情形), with the id of the reason."""

    when: Condition
    reason: str


@dataclass(frozen=True)
class Regime:
    """A regime of publication (公示规则) in force for decisions from ``in_force_from`` to ``in_force_to``, both inside.

    ``applies_by`` says which day decides whether the regime governs; only ``decision`` is understood for publication.
    ``when`` narrows the regime to some records (one authority's decisions). Of several regimes that fit, the one with
    the highest ``precedence`` governs. ``end_by``: ``months`` = by the terms, ``validity`` = the day after the last day
    of validity that the record states (role ``valid_until``), without end where that is long-term.
    """

    id: str
    title: Text
    items: tuple[str, ...]
    basis: tuple[Basis, ...]
    in_force_from: date
    in_force_to: date | None
    applies_by: str
    precedence: int
    end_by: str
    counting: Counting
    terms: tuple[Term, ...]
    when: Condition | None = None
    transition: Transition | None = None
    withhold: tuple[Withhold, ...] = ()
    self_stop: bool = True
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed and all(t.confirmed for t in self.terms)


@dataclass(frozen=True)
class Amounts:
    """Amounts that decide the severity of one kind of penalty (金额标准), in yuan; the bounds belong to the higher class.

    Below ``general_from`` → minor, below ``serious_from`` → general, else serious. ``field`` holds the amount in 万元.
    """

    kind: str
    field: str
    general_from: Decimal
    serious_from: Decimal
    when: Condition | None = None
    basis: tuple[Basis, ...] = ()


@dataclass(frozen=True)
class Procedure:
    """Decisions under a procedure (处罚程序) that have one severity whatever the amount, if no other kind is in them."""

    value: str
    severity: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class SeverityStandard:
    """A standard of severity (失信严重程度认定标准).

    ``kinds``: kind of penalty → severity, for kinds that need no amount. ``amounts`` count only in a confirmed standard.
    A kind named nowhere leaves the decision unclassified, unless another kind in it already makes it serious.
    ``extends`` names a standard whose kinds and procedures hold here too. ``every`` is the severity of every record of the
    items, where there are no kinds to tell apart (an entry of a list); ``none`` = the item has no classes.
    """

    id: str
    title: Text
    items: tuple[str, ...]
    basis: tuple[Basis, ...]
    in_force_from: date | None
    in_force_to: date | None
    precedence: int
    kinds: Mapping[str, str]
    procedures: tuple[Procedure, ...] = ()
    amounts: tuple[Amounts, ...] = ()
    extends: str = ""
    every: str = ""
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed
