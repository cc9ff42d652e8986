"""Example city (示例城市): builds 澜州市 from nothing and hands its files in through the same door as any file.

Every step can be broken off and done again: files are whole or absent, a file already handed in is recognised by its
digest, accounts and sources that exist are kept, a step of a case that was taken is not taken again. Which city it is
(seed, day, sizes) is written down first.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from django.contrib.auth import get_user_model

from chengxin.kernel.periods import today as today_in_china
from chengxin.kernel.text import Text
from chengxin.operations import (
    accounts,
    demo_city,
    demo_dirt,
    demo_files,
    demo_life,
    demo_lists,
    demo_recipients,
    demo_records,
    demo_register,
    demo_subjects,
    entrance,
    registry,
)
from chengxin.operations.demo_city import Department
from chengxin.operations.demo_life import Cast, Sight
from chengxin.operations.demo_records import Row
from chengxin.operations.demo_subjects import Organisation
from chengxin.operations.rulebook import catalogue
from chengxin.operations.submit import submit
from chengxin.storage.models import Submission

Progress = Callable[[Text, int, int], None]

PENALTY_SHARE = 0.25
RECENT_DAYS = 12
SAFETY = "emergency"
"""Id of the department that keeps the list of work safety."""
SECOND_DELIVERY = 0.06
"""Departments with at least this share of all records hand the decisions of the last days in as a second file."""
REPEATED = 0.01
CORRECTED = 0.005
"""Shares of earlier rows that the next delivery sends again, unchanged and with other content."""


@dataclass(frozen=True)
class Plan:
    """Which city is built (建设计划): the same plan gives the same files, byte for byte."""

    seed: int
    day: str
    organisations: int
    records: int

    @property
    def today(self) -> date:
        return date.fromisoformat(self.day)


@dataclass(frozen=True)
class Account:
    """A demonstration account (演示账号), with the password that was made for it; ``source`` is empty for the applicant."""

    name: str
    password: str
    role: str
    source: str


@dataclass(frozen=True)
class Delivery:
    """One file (报送文件) and who hands it in."""

    path: Path
    item: str
    source: str


@dataclass(frozen=True)
class City:
    """What was built: outcomes over all files, the accounts to sign in with, and what there is to look at."""

    plan: Plan
    accounts: tuple[Account, ...]
    submissions: int
    rows: int
    outcomes: Mapping[str, int]
    sights: tuple[Sight, ...]


def build(
    *, home: Path, seed: int = 1, organisations: int = 20_000, records: int = 120_000, progress: Progress
) -> City:
    """Build the example city in ``home``, whose database is set up already; go on where an earlier run was stopped.

    A plan written down by an earlier run wins over the arguments. ``progress`` is told the stage and how far it is.
    """
    folder = home / "demo"
    plan = _plan(folder, Plan(seed, today_in_china().isoformat(), organisations, records))
    _sources()
    people = _accounts(folder)
    progress(Text("编写虚构主体", "Inventing organisations"), 0, plan.organisations)
    orgs = demo_subjects.organisations(plan.organisations, plan.seed, plan.today)
    progress(Text("编写虚构主体", "Inventing organisations"), plan.organisations, plan.organisations)
    files, registry_code = folder / "files", demo_city.REGISTRY_CODE
    listed = list(demo_subjects.register_rows(orgs))
    deliveries = [_delivery(files, f"{demo_city.REGISTRY_NAME}_全量", "djxx", registry_code, listed)]
    writing = Text("编写部门文件", "Writing the departments' files")
    parts = _parts(plan)
    for done, (department, item, count) in enumerate(parts):
        progress(writing, done, len(parts))
        deliveries += _write_department(files, plan, department, item, count, orgs)
    progress(writing, len(parts), len(parts))
    changed = demo_register.changes(orgs, plan.seed, plan.today)
    for name, item, rows in (("变更", "djxx", changed.registrations), ("关系", "djgx", changed.relations)):
        if rows:
            deliveries.append(_delivery(files, f"{demo_city.REGISTRY_NAME}_{name}", item, registry_code, rows))
    deliveries += _write_lists(files, plan, orgs)
    for done, delivery in enumerate(deliveries):
        progress(Text("报送入库", "Handing in"), done, len(deliveries))
        _hand_in(delivery)
    progress(Text("报送入库", "Handing in"), len(deliveries), len(deliveries))
    market = demo_city.departments()[0].code
    living = Text("日常办理", "Daily life")
    progress(living, 0, 2)
    chosen = demo_life.cast(folder / "cast.json", market, plan.today)
    stories = [id for id in (*chosen.withdrawals, *chosen.takedowns, *chosen.cases) if demo_life.is_record(id)]
    demo_recipients.receive(stories)
    if withdrawn := list(demo_life.withdrawal_rows(chosen, plan.today)):
        name = demo_files.file_name(demo_city.departments()[0].name, "行政处罚撤回", plan.today, "本月")
        _hand_in(_delivery(folder / "files", name, "xzcf-withdrawal", market, withdrawn))
    progress(living, 1, 2)
    demo_life.live(chosen, market, plan.today)
    demo_recipients.keep_up(stories)
    progress(living, 2, 2)
    return _city(plan, people, chosen)


def _plan(folder: Path, wanted: Plan) -> Plan:
    path = folder / "plan.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        demo_files.write_whole(path, json.dumps(asdict(wanted)), 0o644)
    return Plan(**json.loads(path.read_text()))


def _sources() -> None:
    accounts.register_source(code=demo_city.CENTRE_CODE, name=demo_city.CENTRE_NAME)
    accounts.register_source(code=demo_city.REGISTRY_CODE, name=demo_city.REGISTRY_NAME, may_introduce=True)
    for department in demo_city.departments():
        accounts.register_source(code=department.code, name=department.name)
    market = demo_city.departments()[0].code
    if not registry.assigns(market):
        registry.let_assign(source=market, department="9", by="demo")


def _accounts(folder: Path) -> tuple[Account, ...]:
    """The demonstration accounts; passwords are random, kept beside the demo for the owner's eyes only."""
    path, market = folder / "accounts.json", demo_city.departments()[0].code
    made = tuple(Account(**one) for one in json.loads(path.read_text())) if path.exists() else ()
    wanted = (
        ("clerk", accounts.CLERK, market),
        ("decider", accounts.DECIDER, market),
        ("decider2", accounts.DECIDER, market),
        ("officer", accounts.OFFICER, demo_city.CENTRE_CODE),
        ("officer2", accounts.OFFICER, demo_city.CENTRE_CODE),
        (demo_life.APPLICANT, demo_life.APPLICANT, ""),
    )
    missing = [one for one in wanted if one[0] not in {account.name for account in made}]
    if missing:
        made += tuple(Account(name, secrets.token_urlsafe(12), role, source) for name, role, source in missing)
        demo_files.write_whole(path, json.dumps([asdict(one) for one in made]), 0o600)
    for one in made:
        if get_user_model().objects.filter(username=one.name).exists():
            continue
        if one.role == demo_life.APPLICANT:
            entrance.sign_up(name=one.name, password=one.password)
        else:
            accounts.create_user(name=one.name, password=one.password, source=one.source, role=one.role)
    return made


def _delivery(folder: Path, name: str, item: str, source: str, rows: Sequence[Row]) -> Delivery:
    labels = _labels(item, {field: "" for row in rows for field in row})
    return Delivery(demo_files.write(folder, name, "csv-utf8-labels", labels, rows, ""), item, source)


def _parts(plan: Plan) -> list[tuple[Department, str, int]]:
    """Who sends how many decisions of which item."""
    parts = []
    for item, share in (("xzcf", PENALTY_SHARE), ("xzxk", 1 - PENALTY_SHARE)):
        departments = [d for d in demo_city.departments() if d.weight[item]]
        whole = sum(d.weight[item] for d in departments)
        parts += [(d, item, round(plan.records * share * d.weight[item] / whole)) for d in departments]
    return [part for part in parts if part[2]]


def _write_department(
    folder: Path, plan: Plan, department: Department, item: str, count: int, orgs: Sequence[Organisation]
) -> list[Delivery]:
    """The department's files for an item: all until lately, and the newest delivery with repeats and corrections."""
    random = Random(f"{plan.seed}/{department.id}/{item}")
    among = [org for org in orgs if org.tags & department.tags] or list(orgs)
    random.shuffle(among)
    decide = demo_records.penalties if item == "xzcf" else demo_records.licences
    clean = list(decide(department, among, count, random, plan.today))
    prefix = "CF" if item == "xzcf" else "XK"
    since = (plan.today - timedelta(days=RECENT_DAYS)).isoformat()
    earlier = [row for row in clean if row[f"{prefix}_JDRQ"] < since]
    corrected = [_corrected(row, prefix) for row in random.sample(earlier, int(len(earlier) * CORRECTED))]
    context = demo_dirt.Context(random, prefix, {org.code: org for org in among})
    for row in clean:
        demo_dirt.spoil(row, context)
    latest = clean[len(earlier) :] + corrected + random.sample(earlier, int(len(earlier) * REPEATED))
    deliveries = [("历史", earlier), ("最新", latest)]
    if count < plan.records * SECOND_DELIVERY:
        deliveries = [("全部", earlier + latest)]
    title = catalogue().items[item].title.zh
    labels = _labels(item, clean[0])
    return [
        Delivery(
            demo_files.write(
                folder,
                demo_files.file_name(department.name, title, plan.today, part),
                department.form[item],
                labels,
                rows,
                f"{department.name}{title}信息汇总表",
            ),
            item,
            department.code,
        )
        for part, rows in deliveries
        if rows
    ]


def _write_lists(folder: Path, plan: Plan, orgs: Sequence[Organisation]) -> list[Delivery]:
    """The lists of the city: abnormal operations by market supervision, serious dishonesty by work safety."""
    first, *_, last = found = demo_city.departments()
    safety = next((each for each in found if each.id == SAFETY), last)
    lists = (
        ("jyyc", first, list(demo_lists.abnormal(first, orgs, plan.seed, plan.today))),
        ("yzsx", safety, list(demo_lists.serious(safety, orgs, plan.seed, plan.today))),
    )
    return [
        _delivery(
            folder,
            demo_files.file_name(by.name, catalogue().items[item].title.zh, plan.today, "全部"),
            item,
            by.code,
            rows,
        )
        for item, by, rows in lists
        if rows
    ]


def _corrected(row: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The department mends its own statement: same document, other content."""
    content = f"{prefix}_NR"
    return {**row, content: row[content] + "（更正）", "BZ": "更正原报送内容"}


def _labels(item: str, row: Mapping[str, str]) -> dict[str, str]:
    return {field.id: field.label.zh for field in catalogue().items[item].all_fields if field.id in row}


def _hand_in(delivery: Delivery) -> None:
    digest = hashlib.sha256(delivery.path.read_bytes()).hexdigest()
    known = Submission.objects.filter(
        file_digest=digest, item=delivery.item, source=delivery.source, state="done", parent=None
    )
    if not known.exists():
        submit(path=delivery.path, item=delivery.item, source=delivery.source, by="demo")


def _city(plan: Plan, people: tuple[Account, ...], chosen: Cast) -> City:
    names = ("accepted", "unchanged", "corrected", "quarantined", "unlinked", "refused")
    done = list(Submission.objects.filter(state="done").values("rows", *names))
    return City(
        plan=plan,
        accounts=people,
        submissions=len(done),
        rows=sum(one["rows"] for one in done),
        outcomes={name: sum(one[name] for one in done) for name in names},
        sights=demo_life.sights(chosen),
    )
