"""Look-ups for linking (归集查询): what the subject base knows of some codes and names, through Django's connection.

The bulk way, for the rows of a file, is ``operations.candidates``.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from chengxin.storage.models import Subject
from chengxin.subjects.model import Scheme

Code = tuple[str, str, str]
Name = tuple[str, str, str]
_AT_ONCE = 500


@dataclass(frozen=True)
class Known:
    """``codes`` as (code, scheme, subject), ``names`` as (comparison form, subject, kind); see ``resolution.linking``."""

    codes: tuple[Code, ...]
    names: tuple[Name, ...]


def known(codes: Collection[str], norms: Collection[str]) -> Known:
    """All names and codes that decide about these codes and names in comparison form: with a unified code, every name of
    its bearer, because the one asked for may only be written otherwise."""
    found = _ask(
        """SELECT c.code, c.scheme, c.subject FROM q {join} subject_code c ON c.code = q.value""",
        codes,
    )
    borne = _ask(
        """SELECT n.norm, n.subject, n.kind FROM q {join} subject_name n ON n.norm = q.value""",
        norms,
    )
    of_coded = _ask(
        """SELECT n.norm, n.subject, n.kind FROM q {join} subject_name n ON n.subject = q.value""",
        [subject for _, scheme, subject in found if scheme == Scheme.USCC],
    )
    return Known(tuple(found), tuple(dict.fromkeys(borne + of_coded)))


def described(subjects: Collection[str]) -> dict[str, Subject]:
    """The subjects with these ids."""
    wanted = sorted(set(subjects))
    parts = (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE))
    return {each.id: each for part in parts for each in Subject.objects.filter(id__in=part)}


def _ask(query: str, values: Collection[str]) -> list[tuple[str, str, str]]:
    """Answer a query over ``q (value)``; the values travel as one parameter, so there may be any number."""
    if not values:
        return []
    listed = json.dumps(sorted(set(values)))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # CROSS JOIN keeps this order: SQLite has no statistics and might read the whole table
            cursor.execute("WITH q AS (SELECT value FROM json_each(%s)) " + query.format(join="CROSS JOIN"), [listed])
        else:
            asked = "WITH q AS (SELECT value FROM json_array_elements_text(%s::json) AS value) "
            cursor.execute(asked + query.format(join="JOIN"), [listed])
        return [tuple(row) for row in cursor.fetchall()]
