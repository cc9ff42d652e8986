"""What tests of the entrance stand on: a person with an account who acts for the company, and one who acts for nobody."""

from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import User
from tests.integration import case_seed
from tests.integration.desk_seed import PASSWORD

from chengxin.kernel.periods import today
from chengxin.operations import accounts, authorisations, entrance
from chengxin.operations.attachments import Given
from chengxin.storage.models import Authorisation

LETTER = Given("letter", "授权委托书.pdf", case_seed.PDF)
EVERYTHING = tuple(authorisations.SCOPES)


def place(folder: Path, rows: int = 4) -> list[str]:
    """As ``case_seed.place``, with ``agent`` authorised for the company and ``stranger`` for nothing."""
    records = case_seed.place(folder, rows)
    granted(person("agent"), EVERYTHING)
    person("stranger")
    return records


def person(name: str) -> User:
    return entrance.sign_up(name=name, password=PASSWORD)


def asked(
    user: User, scope: tuple[str, ...] = EVERYTHING, days: int = 30, code: str = case_seed.COMPANY
) -> Authorisation:
    until = today() + timedelta(days=days)
    return authorisations.ask(user=user, code=code, person="甲某", scope=scope, until=until, letter=LETTER)


def granted(user: User, scope: tuple[str, ...] = EVERYTHING, days: int = 30) -> Authorisation:
    who = accounts.principal_named("officer")
    return authorisations.decide(id=asked(user, scope, days).pk, grant=True, who=who)
