"""Identity (主体身份) on a page: names and codes with their days, what became of the subject, whom it belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from chengxin.kernel.text import Text
from chengxin.operations import registry
from chengxin.subjects.model import Code, Name, Relation, Scheme, Subject
from chengxin.web.site.wording import day_text, say

ROLES = (
    *("name", "name_since", "former_names", "other_names", "code", "code_since", "former_code"),
    *("registration_no", "organisation_code", "status", "status_since", "english_name"),
)
"""Roles of the registration's fields that this part of the page says in its own way."""

SCHEMES = {
    Scheme.USCC: Text("统一社会信用代码", "Unified social credit code"),
    Scheme.ORGANISATION: Text("组织机构代码", "Organisation code"),
    Scheme.REGISTRATION: Text("注册号", "Registration number"),
}
_STATES = {
    "current": Text("现用", "current"),
    "former": Text("曾用", "former"),
    "legacy": Text("旧码", "earlier scheme"),
}
_NAMES = {
    "current": Text("现用名称", "Present name"),
    "former": Text("曾用名称", "Former name"),
    "branch": Text("其他名称", "Other name"),
    "english": Text("英文名称", "English name"),
}
_OUTWARD = {
    "branch-of": Text("所属机构", "Branch of"),
    "subordinate-of": Text("上级单位", "Subordinate to"),
    "merged-into": Text("并入", "Merged into"),
    "split-from": Text("分立自", "Split from"),
}
_INWARD = {
    "branch-of": Text("分支机构", "Has the branch"),
    "subordinate-of": Text("下属单位", "Has the subordinate"),
    "merged-into": Text("吸收合并", "Took over"),
    "split-from": Text("分立出", "Split off"),
}


@dataclass(frozen=True)
class Line:
    """A name, code or other subject: what it is, itself, and when; ``code`` leads to its page."""

    label: Text
    text: str
    days: str
    code: str = ""


@dataclass(frozen=True)
class Identity:
    """What a page says of who the subject is; ``ended`` is a sentence, "" while the subject exists."""

    former: tuple[Line, ...]
    names: tuple[Line, ...]
    codes: tuple[Line, ...]
    relations: tuple[Line, ...]
    ended: str

    @property
    def told(self) -> bool:
        """Whether there is more to say than the head of the page says."""
        return bool(self.names or self.codes or self.relations)


def of(subject: Subject) -> Identity:
    """The identity of a subject as its page shows it today."""
    told = registry.relations(subject)
    order = list(_NAMES)
    names = sorted(subject.names, key=lambda name: (order.index(name.kind), name.since or date.min, name.text))
    return Identity(
        former=tuple(_name(name) for name in names if name.kind == "former"),
        names=tuple(map(_name, names)) if _worth(subject.names) else (),
        codes=tuple(map(_code, subject.codes)) if _worth(subject.codes) else (),
        relations=tuple(map(_relation, told)),
        ended=_ended(subject, told),
    )


def _worth(lines: Iterable[Name | Code]) -> bool:
    """Whether a list says more than the head of the page."""
    listed = list(lines)
    return len(listed) > 1 or any(line.since or line.until for line in listed)


def _name(name: Name) -> Line:
    return Line(_NAMES[name.kind], name.text, _days(name.since, name.until))


def _code(code: Code) -> Line:
    scheme, state = SCHEMES[Scheme(code.scheme)], _STATES[code.state]
    label = Text(f"{scheme.zh}（{state.zh}）", f"{scheme.en} ({state.en})")
    return Line(label, code.value, _days(code.since, code.until))


def _relation(relation: Relation) -> Line:
    label = (_OUTWARD if relation.outward else _INWARD)[relation.means]
    code = relation.code if relation.id else ""
    return Line(label, relation.name or relation.code, _days(relation.since, relation.until), code)


def _ended(subject: Subject, relations: Iterable[Relation]) -> str:
    status = registry.status(subject.status)
    if status is None or status.means != "dissolved":
        return ""
    words = {"status": say(status.label), "day": day_text(subject.status_since) if subject.status_since else ""}
    said = _("本主体已于%(day)s%(status)s。") % words if words["day"] else _("本主体已%(status)s。") % words
    heirs = [r.name or r.code for r in relations if r.outward and r.means == "merged-into"]
    if heirs:
        said += _("并入：%(heirs)s。") % {"heirs": "、".join(heirs)}
    return said


def _days(since: date | None, until: date | None) -> str:
    if since and until:
        return _("%(since)s至%(until)s") % {"since": day_text(since), "until": day_text(until)}
    if since:
        return _("%(since)s起") % {"since": day_text(since)}
    if until:
        return _("至%(until)s止") % {"until": day_text(until)}
    return ""
