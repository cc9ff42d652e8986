"""Numbers (编号) of receipts and batches: R-YYYYMMDD-NNNN, the day in China and a count within the day.

Files handed in and single acts draw from one series: what is printed in a leaf of the log must not tell which it was.
"""

from datetime import datetime

from django.db import connection, transaction

from chengxin.kernel.periods import today
from chengxin.storage import submissions
from chengxin.storage.models import Submission


@transaction.atomic
def open_submission(*, received_at: datetime, **fields: object) -> Submission:
    """Create a submission under the next free number of its day."""
    return Submission.objects.create(id=take(received_at), received_at=received_at, **fields)


def take(moment: datetime) -> str:
    """The next free number of the moment's day, taken for the Django transaction under way.

    The key of the table of numbers settles who was first: whoever comes second takes the next one.
    """
    prefix = prefix_of(moment)
    with connection.cursor() as cursor:
        cursor.execute(submissions.LAST_NUMBER.replace("?", "%s"), [f"{prefix}%"] * 2)
        row = cursor.fetchone()
        number = following(prefix, row[0] if row else None)
        while True:
            cursor.execute("INSERT INTO receipt_number (id) VALUES (%s) ON CONFLICT (id) DO NOTHING", [number])
            if cursor.rowcount:
                return number
            number = following(prefix, number)


def prefix_of(moment: datetime) -> str:
    """What the numbers of the moment's day begin with."""
    return f"R-{today(moment):%Y%m%d}-"


def following(prefix: str, last: str | None) -> str:
    """The number after ``last``, the day's first when there is none."""
    count = int(last.rpartition("-")[2]) if last else 0
    return f"{prefix}{count + 1:04d}"
