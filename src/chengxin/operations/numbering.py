"""Receipt numbers (回执号): R-YYYYMMDD-NNNN, the day in China and a count within the day."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Length

from chengxin.kernel.periods import today
from chengxin.storage.models import Submission

_ATTEMPTS = 50


def open_submission(*, received_at: datetime, **fields: object) -> Submission:
    """Create a submission under the next free receipt number of its day.

    The primary key settles who was first: whoever comes second in the same instant takes the next number.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                return Submission.objects.create(id=_next(received_at), received_at=received_at, **fields)
        except IntegrityError:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _next(moment: datetime) -> str:
    prefix = prefix_of(moment)
    last = (
        Submission.objects.filter(id__startswith=prefix)
        .annotate(length=Length("id"))  # -10000 comes after -9999, which plain text order gets wrong
        .order_by("-length", "-id")
        .values_list("id", flat=True)
        .first()
    )
    return following(prefix, last)


def prefix_of(moment: datetime) -> str:
    """What the receipt numbers of the moment's day begin with."""
    return f"R-{today(moment):%Y%m%d}-"


def following(prefix: str, last: str | None) -> str:
    """The number after ``last``, the day's first when there is none."""
    count = int(last.rpartition("-")[2]) if last else 0
    return f"{prefix}{count + 1:04d}"
