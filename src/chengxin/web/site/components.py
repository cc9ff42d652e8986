"""Components (组件陈列): every state of every shared part on one page, for whoever builds or checks pages.

Served only where ``DEBUG`` is on or ``SHOW_COMPONENTS`` is set (tests); elsewhere the address does not exist.
"""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chengxin.kernel.text import Text
from chengxin.web.site import charts, present, windows

_DAY = date(2026, 11, 21)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """All states, with invented content."""
    if not (settings.DEBUG or getattr(settings, "SHOW_COMPONENTS", False)):
        raise Http404
    context = {
        "cards": [_card("一般", True), _card("严重", False, _DAY - timedelta(days=3)), _licence()],
        "tags": [
            present.Tag("公示中", "blue"),
            present.Tag("异议处理中", "violet"),
            present.Tag("已修复", "green"),
            present.Tag("待更正", "amber"),
            present.Tag("已超期", "red"),
            present.Tag("公示期满"),
        ],
        "verifications": [_verification(state) for state in ("intact", "different", "unavailable", "pending")],
        "deadlines": _deadlines(),
        "reasons": _reasons(),
        "chart": charts.bars(
            "示例：3 家单位未按时报送", "单位：%，占全部行", [("甲单位", 1.0), ("乙单位", 0.62)], most=1
        ),
        "windows": [_steps(80, True), _steps(20, True), _steps(40, False), _open()],
    }
    return render(request, "site/components.html", context)


def _steps(run: int, repairable: bool) -> tuple[windows.Step, ...]:
    start = _DAY - timedelta(days=run)
    middle = windows.Step(
        start + timedelta(days=60), "起可申请信用修复", run > 60, max(0, run - 60), "已可申请" if run > 60 else ""
    )
    first = windows.Step(start, "作出决定，起算", True, min(100, run * 100 // 60))
    last = windows.Step(start + timedelta(days=160), "零时自动停止公示", False, 0)
    return (first, middle, last) if repairable else (first, last)


def _open() -> tuple[windows.Step, ...]:
    return windows.Step(_DAY, "作出决定，起算", True, 50), windows.Step(None, "有效期间一直公示", False, 0)


def _card(severity: str, repairable: bool, contested: date | None = None) -> present.Card:
    return present.Card(
        id="0" * 32,
        url="#card",
        title="未按规定公示食品添加剂使用情况",
        number="澜市监处罚〔2026〕118号",
        tags=(
            present.Tag(severity),
            present.Tag("异议处理中", "violet") if contested else present.Tag("公示中", "blue"),
        ),
        contested=contested,
        reply_by=contested and contested + timedelta(days=7),
        facts=(present.Fact("处罚内容", "罚款 20,000 元"), present.Fact("决定机关", "澜州市市场监督管理局")),
        authority="澜州市市场监督管理局",
        decided_on="2026-08-14",
        valid_until="",
        steps=_steps(80, repairable),
    )


def _licence() -> present.Card:
    return present.Card(
        id="1" * 32,
        url="#card",
        title="食品生产许可",
        number="澜市监许〔2026〕7号",
        tags=(present.Tag("公示中", "blue"),),
        facts=(present.Fact("许可机关", "澜州市市场监督管理局"),),
        authority="澜州市市场监督管理局",
        decided_on="2026-05-12",
        valid_until="2029-05-11",
        steps=_open(),
    )


def _verification(state: str) -> SimpleNamespace:
    return SimpleNamespace(
        state=state,
        index=1118206,
        digest="7f3a91c05be244d80a6e1f97c3d528b4e01b6d7293af5c18b7e402d98a3cf651",
        source="11990100MB0X00001A",
        source_name="澜州市市场监督管理局",
        at=datetime(2026, 8, 19, 1, 41, tzinfo=UTC),
        receipt="R-20260819-0112",
        size=1204318,
        root="c41e08a76f9d3b25d2e877104ac69e5f18b3f0d4a5926c7e3d01e8b957f20a4c",
        sealed_at=datetime(2026, 11, 20, 0, 0, tzinfo=UTC),
        incident="5F3C91A0",
        checked_at=datetime(2026, 11, 20, 2, 32, tzinfo=UTC),
    )


def _deadlines() -> list[dict[str, object]]:
    return [
        {"day": _DAY + timedelta(days=9), "left": 6, "state": "open"},
        {"day": _DAY + timedelta(days=2), "left": 1, "state": "open"},
        {"day": _DAY, "left": 0, "state": "open"},
        {"day": _DAY - timedelta(days=4), "left": -3, "state": "open", "body": "澜州市市场监督管理局"},
        {"day": _DAY, "left": 5, "state": "paused", "reason": "等待申请人补充材料"},
        {"day": _DAY + timedelta(days=90), "left": 62, "state": "open", "provisional": True},
    ]


def _reasons() -> list[dict[str, object]]:
    return [
        {
            "rule": "xzcf.xdr_shxym.check",
            "what": Text(
                "统一社会信用代码第 11 位是字母 O，代码中不使用 O。",
                "Character 11 is the letter O, which codes never use.",
            ),
            "where": Text("第 12 行，行政相对人代码_1", "row 12, code of the party"),
            "basis": "GB 32100-2015",
            "remedy": Text(
                "改为数字 0 后校验通过，请核对原文书。", "With the digit 0 the check passes; compare with the document."
            ),
        },
    ]
