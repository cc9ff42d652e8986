"""Life of the example city (示例城市的日常): what people do after the files are in, through the operations everybody has.

Which records, organisations and rows it happens to is chosen once and written down (``cast.json``); every step looks first
whether it was taken, so that a run may be broken off anywhere. What happens stands in ``demo_data/life.yaml``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import User

from chengxin.cases.model import Actor
from chengxin.kernel.periods import today as today_in_china
from chengxin.kernel.text import Text
from chengxin.operations import (
    accounts,
    authorisations,
    cases,
    crosscheck,
    demo_papers,
    judgements,
    matters,
    takedown,
    unlinked,
    withdrawal,
)
from chengxin.operations.attachments import Given
from chengxin.operations.demo_files import write_whole
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import Mark
from chengxin.records.model import Act
from chengxin.resolution.judgement import Verdict
from chengxin.storage import acts as stored
from chengxin.storage.models import Authorisation, Case, Crosscheck, Judgement, Record, SubjectRelation
from chengxin.subjects.identifiers import check_uscc

POOL = 2000
"""Records among which those of the stories are chosen."""
NO_FORCE = "示例城市的演示材料，没有效力。"
APPLICANT = "applicant"
"""The account at the one entrance that acts for an organisation."""
SURE = 0.9
"""Score from which a candidate is judged the same in the example."""


@dataclass(frozen=True)
class Cast:
    """To what it happens: record ids in the order of the stories, ``cases`` with a subject's id where a case is about it."""

    withdrawals: tuple[str, ...]
    takedowns: tuple[str, ...]
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Sight:
    """Something to look at (看点): what it is, and its address on the site."""

    title: Text
    path: str


def cast(path: Path, market: str, today: date) -> Cast:
    """The cast written down at ``path``, chosen and written now where there is none."""
    if not path.exists():
        write_whole(path, json.dumps(asdict(_chosen(market, today))), 0o644)
    return Cast(**{name: tuple(ids) for name, ids in json.loads(path.read_text()).items()})


def withdrawal_rows(chosen: Cast, today: date) -> Iterator[dict[str, str]]:
    """Rows of the item xzcf-withdrawal for the records that are withdrawn by file."""
    for number, (id, story) in enumerate(zip(chosen.withdrawals, _stories()["withdrawals"], strict=False), 1):
        fields = matters.matter(id).fields
        yield {
            "CH_XDR_MC": fields["CF_XDR_MC"],
            "CH_XDR_SHXYM": fields["CF_XDR_SHXYM"],
            "CH_YWSH": fields["CF_WSH"],
            "CH_CFJG": fields["CF_CFJG"],
            "CH_CFJGDM": fields["CF_CFJGDM"],
            "CH_QX": story["ground"],
            "CH_WSH": _document(today, number),
            "CH_JDRQ": (today - timedelta(days=2)).isoformat(),
            "CH_LY": story["reason"],
        }


def live(chosen: Cast, market: str, today: date) -> None:
    """Everything but the files; what has happened already is left alone."""
    for id, story in zip(chosen.takedowns, _stories()["takedowns"], strict=False):
        _take_down(id, story)
    for about, story in zip(chosen.cases, _stories()["cases"], strict=False):
        if about:
            _case(about, story, market, today)
    _authorise(chosen)
    _judge(market)
    if not Crosscheck.objects.filter(state="done").exists():
        crosscheck.audit(by="demo")


def sights(chosen: Cast) -> tuple[Sight, ...]:
    """Pages of the public site that show what happened; those whose story a small city lacks are left out."""
    found = []
    for about, story in zip(chosen.cases, _stories()["cases"], strict=False):
        if about and "title" in story:
            path = f"/subject/{about}" if story["kind"] == "restructuring" else f"/record/{about}"
            found.append(Sight(Text(story["title"]["zh"], story["title"]["en"]), path))
    titles = {
        "并入": Text("被合并的主体", "an organisation that was merged into another"),
        "分支机构": Text("分支机构", "a branch and its head company"),
    }
    for kind, title in titles.items():
        relation = SubjectRelation.objects.filter(kind=kind).order_by("subject").first()
        if relation:
            found.append(Sight(title, f"/subject/{relation.subject}"))
    listed = Record.objects.filter(item="yzsx", withheld="", starts__lte=today_in_china()).order_by("seq").first()
    if listed:
        listing = Text("列入严重失信主体名单的主体", "an organisation on a list of seriously dishonest subjects")
        found.append(Sight(listing, f"/subject/{listed.subject}"))
    found.append(Sight(Text("信用服务机构评分", "how agencies keep up"), "/agencies"))
    return tuple(found)


def is_record(id: str) -> bool:
    """Whether an id of the cast is a record's; restructurings are about an organisation, and some stories happen to nobody."""
    return len(id) == 32


def _chosen(market: str, today: date) -> Cast:
    """Public penalties of the market authority, one for each organisation, those that can be repaired for the repairs."""
    shown = Record.objects.filter(item="xzcf", source=market, authority=market, withheld="", marks=Mark(0))
    shown = shown.filter(starts__lte=today, ends__gt=today + timedelta(days=30)).order_by("id")
    single: dict[str, Record] = {}
    for record in shown[:POOL]:
        single.setdefault(record.subject, record)
    ready = [one for one in single.values() if one.repairable and one.repairable <= today]
    rest = [one for one in single.values() if one not in ready]
    found: dict[str, list[str]] = {"cases": [], "takedowns": [], "withdrawals": []}
    for story in _stories()["cases"]:
        among = ready if story["kind"] == "repair" else rest or ready
        about = ""
        if among:
            taken = among.pop(0)
            about = taken.subject if story["kind"] == "restructuring" else bytes(taken.id).hex()
        found["cases"].append(about)
    left = rest + ready
    for kind in ("takedowns", "withdrawals"):
        wanted = len(_stories()[kind])
        found[kind] = [bytes(one.id).hex() for one in left[:wanted]]
        left = left[wanted:]
    return Cast(**{kind: tuple(ids) for kind, ids in found.items()})


def _take_down(record: str, story: Mapping[str, str]) -> None:
    done = len(stored.told((Act.TAKE_DOWN, Act.CONFIRM, Act.PUT_BACK), record=record))
    first, second = accounts.principal_named("officer"), accounts.principal_named("officer2")
    if not done:
        takedown.take_down(record=record, officer=first.user, by=first.source, reason=story["reason"])
    if done < 2 and "second" in story:
        look = takedown.confirm if story["second"] == "confirm" else takedown.put_back
        look(record=record, officer=second.user, by=second.source, reason=story["because"])


def _case(about: str, story: Mapping[str, Any], market: str, today: date) -> None:
    """Begin the case where there is none, and take those of its steps that are not among its events."""
    whole = story["kind"] == "restructuring"
    record, subject = ("", about) if whole else (about, matters.matter(about).subject)
    found = Case.objects.filter(kind=story["kind"], record=record, subject=subject).first()
    if found is None:
        number = cases.start(
            kind=story["kind"],
            record=record,
            subject=subject,
            actor=Actor(APPLICANT, applicant_for=subject),
            statement=story["statement"],
            ground=story.get("ground", ""),
            files=[_given(story["kind"], paper, today) for paper in story["papers"]],
        ).case
        taken = 0
    else:
        number, taken = found.id, found.events - 1
    for step in story["steps"][taken:]:
        if step.get("withdrawn"):
            _withdraw(about, market, today)
        cases.step(
            number=number,
            step=step["step"],
            actor=accounts.actor(accounts.principal_named(step["as"])),
            reason=step.get("reason", ""),
            ground=step.get("ground", ""),
        )


def _authorise(chosen: Cast) -> None:
    """Let the applicant act for the organisations whose repairs were applied for, by a letter that an officer has checked."""
    user = User.objects.get(username=APPLICANT)
    officer = accounts.principal_named("officer")
    repairs = zip(chosen.cases, _stories()["cases"], strict=False)
    for subject in sorted({matters.matter(id).subject for id, story in repairs if id and story["kind"] == "repair"}):
        row = Authorisation.objects.filter(user=user, subject=subject).first() or authorisations.ask(
            user=user,
            code=subject,
            person="演示账号",
            scope=(authorisations.SEE, authorisations.APPLY, authorisations.MANAGE),
            until=today_in_china() + timedelta(days=365),
            letter=Given("letter", "授权委托书.pdf", demo_papers.paper("授权委托书", NO_FORCE)),
        )
        if row.granted is None:
            authorisations.decide(id=row.pk, grant=True, who=officer)


def _given(kind: str, paper: str, today: date) -> Given:
    title = catalogue().workflow_of(kind, today).papers[paper].title.zh
    if paper == "commitment":
        text = "本单位承诺：依法履行义务，所提交材料真实有效；如有违反，愿意承担相应责任。"
        return Given(paper, f"{title}.txt", text.encode(), signed=True)
    return Given(paper, f"{title}.pdf", demo_papers.paper(title, NO_FORCE))


def _withdraw(record: str, market: str, today: date) -> None:
    if not matters.matter(record).withdrawn:
        withdrawal.withdraw(
            record=record,
            ground="撤销",
            document=_document(today, 90),
            decided_on=today - timedelta(days=5),
            reason="原处罚决定已被行政复议决定撤销。",
            by=market,
            officer="decider",
        )


def _document(today: date, number: int) -> str:
    return f"澜市监撤〔{today.year}〕{number}号"


def _judge(market: str) -> None:
    """The clerk of the market authority judges the first waiting rows; as many as were judged before count as done."""
    stories = _stories()["judgements"]
    done = Judgement.objects.filter(submission__source=market).values("submission", "row").distinct().count()
    waiting, _ = unlinked.queue(source=market, limit=10 * len(stories))
    rows = [row for row in waiting if row.score is not None and not row.unsure and not check_uscc(row.party.code).ok]
    for story in stories[done:]:
        verdict = Verdict(story["verdict"])
        row = next((row for row in rows if verdict is not Verdict.SAME or (row.score or 0) >= SURE), None)
        if row is None:
            continue
        rows.remove(row)
        best = unlinked.compare(submission=row.submission.id, row=row.row, source=market).sides[0]
        judgements.judge(
            submission=row.submission.id,
            row=row.row,
            verdicts={best.subject.id: verdict},
            reason=story["reason"],
            by="clerk",
            scores={best.subject.id: best.score or 0.0},
        )


@cache
def _stories() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    path = files("chengxin.operations") / "demo_data" / "life.yaml"
    told: Mapping[str, Sequence[Mapping[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return told
