"""Resolving one question (单条解析): ``resolve`` said once more for a single row, because planning a statement takes the
engine longer than a person is asked to wait. A property test keeps the two equal."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chengxin.resolution import linking, resolve
from chengxin.subjects import identifiers, names, names_folding
from chengxin.subjects.model import Scheme

Code = tuple[str, str, str]
"""Code, scheme, subject."""
Name = tuple[str, str, str]
"""Comparison form, subject, kind."""
_PERMIT = re.compile(resolve.PERMIT_PATTERN)


@dataclass(frozen=True)
class Asked:
    """A question made ready, as ``resolve.prepare`` does it; texts are empty where there is nothing."""

    code: str
    registration_no: str
    organisation_code: str
    norm: str
    permit: bool
    fault: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The checked codes to look up."""
        return tuple(code for code, _ in self.schemed)

    @property
    def schemed(self) -> tuple[tuple[str, str], ...]:
        """The checked codes with their schemes."""
        given = (self.code, Scheme.USCC), (self.registration_no, Scheme.REGISTRATION)
        return tuple(pair for pair in (*given, (self.organisation_code, Scheme.ORGANISATION)) if pair[0])


@dataclass(frozen=True)
class Decided:
    """What was decided, as ``resolve.decide`` does it; texts are empty where there is nothing."""

    subject: str = ""
    how: str = ""
    problem: str = ""


def prepare(name: str, code: str) -> Asked:
    """Normalise and check what was asked."""
    given = identifiers.normalise_code(code)
    permit = bool(_PERMIT.search(given))
    given = given[:18] if permit else given
    norm = names.normalise(name)
    uscc = identifiers.check_uscc(given)
    registration = identifiers.check_registration_no(given).ok
    organisation = identifiers.check_organisation_code(given).ok
    fault = ""
    if not given and not norm:
        fault = resolve.NO_QUESTION
    elif given and not (uscc.ok or registration or organisation):
        fault = resolve.PERSON if identifiers.check_citizen_id(given).ok else uscc.rule
    return Asked(
        given if uscc.ok else "", given if registration else "", given if organisation else "", norm, permit, fault
    )


def decide(asked: Asked, codes: Iterable[Code], bearers: Collection[Name]) -> Decided:
    """``codes`` and ``bearers`` may hold more than this question needs."""
    if asked.fault == resolve.PERSON:
        return Decided()
    known = [one for one in codes if one[:2] in asked.schemed]
    named = [one for one in bearers if one[0] == asked.norm]
    if not asked.norm:
        return _by_code_alone(known)
    return _by_code(asked, known, bearers) if asked.code else _without_code(asked, known, named)


def _by_code_alone(known: Collection[Code]) -> Decided:
    subjects = {subject for _, _, subject in known}
    return Decided(subjects.pop(), resolve.CODE_ONLY) if len(subjects) == 1 else Decided(problem=linking.UNKNOWN)


def _by_code(asked: Asked, known: Collection[Code], bearers: Collection[Name]) -> Decided:
    subjects = {subject for _, scheme, subject in known if scheme == Scheme.USCC}
    if len(subjects) != 1:
        return Decided(problem=linking.UNKNOWN)
    (subject,) = subjects
    borne = {norm for norm, bearer, kind in bearers if bearer == subject and kind != "english"}
    if (asked.norm, subject, "current") in bearers:
        return Decided(subject, resolve.CURRENT)
    if asked.norm in borne:
        return Decided(subject, resolve.FORMER)
    if any(names_folding.alike(asked.norm, norm) for norm in borne):
        return Decided(subject, resolve.WRITTEN)
    return Decided(problem=linking.DISAGREES)


def _without_code(asked: Asked, known: Collection[Code], named: Collection[Name]) -> Decided:
    for pair in asked.schemed:
        found = {subject for code, scheme, subject in known if (code, scheme) == pair}
        agreeing = found & _bearing(named)
        if len(agreeing) == 1:
            return Decided(agreeing.pop(), "legacy")
    current = {subject for _, subject, kind in named if kind == "current"}
    if len(current) == 1:
        return Decided(current.pop(), "name")
    return Decided(problem=linking.AMBIGUOUS if current else linking.UNKNOWN)


def _bearing(named: Collection[Name]) -> set[str]:
    return {subject for _, subject, kind in named if kind != "english"}
