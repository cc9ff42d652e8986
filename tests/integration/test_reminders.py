"""Reminders and escalations reach whoever has to act, once each, and what reached nobody can be seen."""

from pathlib import Path

import pytest
from django.core import mail
from tests.databases import Place
from tests.integration import case_seed as seed
from tests.integration import entrance_seed
from tests.integration.case_seed import APPLICANT, COMMITMENT, FIRST, PROOF, at
from tests.integration.desk_seed import quick_passwords

from chengxin.operations import accounts, cases, clock, persons, reminders
from chengxin.storage.models import Case, Reminder


@pytest.fixture(scope="module")
def pool(database: Place, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder: Path = tmp_path_factory.mktemp("seed")
    with quick_passwords():
        records = seed.place(folder, rows=6)
        for name in ("li", "wang", "officer"):
            accounts.bind(name=name, email=f"{name}@example.org")
        agent = entrance_seed.person("agent")
        entrance_seed.granted(agent)
        persons.bind(agent, email="agent@example.org")
    return records


@pytest.fixture
def record(pool: list[str]) -> str:
    return pool.pop()


def applied(record: str) -> str:
    return cases.start(
        kind="repair", record=record, actor=APPLICANT, files=[COMMITMENT, PROOF], now=at("2026-11-20")
    ).case


def send(number: str, day: str, hour: int = 10) -> list[tuple[str, str]]:
    """Let the clock run and the mails go: who was written to about this case, and the text."""
    mail.outbox.clear()
    clock.tick(now=at(day, hour))
    reminders.send_due(now=at(day, hour))
    about = [each for each in mail.outbox if number in each.subject]
    return sorted((each.to[0].split("@")[0], f"{each.subject}\n{each.body}") for each in about)


def test_whoever_has_to_act_is_reminded_and_the_centre_hears_of_what_is_late(record: str) -> None:
    number = applied(record)
    reminded = send(number, "2026-11-24")
    assert [who for who, _ in reminded] == ["li", "wang"], "nobody has taken it on yet"
    assert all("即将到期" in text for _, text in reminded)
    assert send(number, "2026-11-24", 11) == [], "once is enough"
    ((who, text),) = send(number, "2026-11-26")
    assert who == "officer"
    assert "已经超期" in text
    assert f"/desk/cases/{number}" in text
    party = Case.objects.get(pk=number).name
    assert party, "the case names its party"
    assert party not in text, "no mail does"
    assert send(number, "2026-11-27") == []
    told = {(each.to, each.sent_at is not None) for each in reminders.of_case(number)}
    assert told == {("li", True), ("wang", True), ("officer", True)}


def test_the_handler_is_reminded_alone(record: str) -> None:
    number = applied(record)
    cases.step(number=number, step="accept", actor=FIRST, now=at("2026-11-23"))
    assert [who for who, _ in send(number, "2026-11-30")] == ["li"]


def test_the_second_look_is_for_others(record: str) -> None:
    number = applied(record)
    cases.step(number=number, step="accept", actor=FIRST, now=at("2026-11-23"))
    cases.step(number=number, step="propose-grant", actor=FIRST, now=at("2026-11-24"))
    assert [who for who, _ in send(number, "2026-11-30")] == ["wang"]


def test_the_applicant_is_reminded_of_missing_papers(record: str) -> None:
    number = applied(record)
    cases.step(number=number, step="accept", actor=FIRST, now=at("2026-11-23"))
    cases.step(number=number, step="ask", actor=FIRST, reason="请补缴款凭证", now=at("2026-11-23", 11))
    due = Case.objects.get(pk=number).due
    ((who, text),) = send(number, due.isoformat())
    assert who == "agent"
    assert f"/my/cases/{number}" in text


def test_a_case_that_moved_on_reminds_nobody(record: str) -> None:
    number = applied(record)
    clock.tick(now=at("2026-11-24"))
    cases.step(number=number, step="accept", actor=FIRST, now=at("2026-11-24", 11))
    mail.outbox.clear()
    reminders.send_due(now=at("2026-11-24", 12))
    assert not any(number in each.subject for each in mail.outbox)
    assert {each.problem for each in reminders.of_case(number)} == {"moot"}


def test_a_server_that_is_away_is_tried_again_and_what_nobody_gets_is_listed(record: str, monkeypatch) -> None:
    number = applied(record)

    def away(*_: object, **__: object) -> None:
        raise OSError("no server")

    clock.tick(now=at("2026-11-24"))
    with monkeypatch.context() as patch:
        patch.setattr(reminders, "send_mail", away)
        assert reminders.send_due(now=at("2026-11-24", 12)) == 0
    waiting = reminders.unsent().filter(case=number)
    assert any("no server" in each.problem for each in waiting)
    assert reminders.send_due(now=at("2026-11-24", 12)) == 0, "not at once again"
    reminders.send_due(now=at("2026-11-24", 13))
    assert not reminders.unsent().filter(case=number).exists()
    for name in ("li", "wang"):
        accounts.bind(name=name, email="")
    row = Case.objects.get(pk=number)
    row.events += 1
    assert reminders.queue(row, to="authority", moment=at("2026-11-24", 14)) == 0
    nobody = Reminder.objects.get(case=number, to="")
    assert nobody.problem == "no-address"
    assert nobody in reminders.unsent()
