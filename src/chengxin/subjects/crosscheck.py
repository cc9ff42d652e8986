"""Cross-check (校核): what may be wrong with assigned codes and with the subject base, as rules with their basis.

A rule names what is found and whose task it is; it decides nothing and repairs nothing. How each is looked for stands
in ``engine.crosscheck``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chengxin.kernel.text import Text


class Group(StrEnum):
    """What a rule counts as in the rates (重码率、错码率)."""

    DUPLICATE = "duplicate"  # 重码
    ERROR = "error"  # 错码
    LEGACY = "legacy"  # 未换码
    STATE = "state"  # 状态与关系


GROUPS: Mapping[Group, Text] = {
    Group.DUPLICATE: Text("重码", "duplicates"),
    Group.ERROR: Text("错码", "wrong codes"),
    Group.LEGACY: Text("旧码未转换", "old numbers"),
    Group.STATE: Text("状态与关系", "state and relations"),
}


@dataclass(frozen=True)
class Check:
    """One rule of the cross-check: what was found, under which rule, what the owner does next."""

    id: str
    group: Group
    title: Text
    message: Text
    basis: str
    remedy: Text


ONE_CODE = "国发〔2015〕33号 赋码（一个主体一个代码，未核对原文）；《意见》（十九）"
CHECKING = "国发〔2015〕33号 校核（未核对原文）；《意见》（十九）"
CONVERTING = "国发〔2015〕33号 代码转换（未核对原文）"
STANDARD = "GB 32100-2015"

CHECKS: Mapping[str, Check] = {
    check.id: check
    for check in (
        Check(
            "code.shared",
            Group.DUPLICATE,
            Text("一码多主体", "One code, two subjects"),
            Text("同一代码出现在两个以上主体上", "two or more subjects bear this code"),
            ONE_CODE,
            Text(
                "请核实代码归属；误用的一方重新报送登记信息，换码的填写“原统一社会信用代码”和相同名称",
                "Find out whose code it is; the other one is registered again, an exchanged code with its former code",
            ),
        ),
        Check(
            "code.renamed",
            Group.DUPLICATE,
            Text("一码两名", "One code, two names"),
            Text(
                "同一代码先后登记了两个名称，没有变更日期，也未列为曾用名",
                "this code was registered under two names, without a day of change or a list of former names",
            ),
            ONE_CODE,
            Text(
                "确为更名的，重新报送并填写曾用名或名称启用日期；不是的，核实代码是否用错",
                "If it was a change of name, send it again with the former name or the day; if not, see whose code it is",
            ),
        ),
        Check(
            "code.disputed",
            Group.DUPLICATE,
            Text("两家登记机关同码", "Registered by two offices"),
            Text(
                "另一家单位已登记该代码，本单位报送的内容与之不同",
                "another office has registered this code and says something else of it",
            ),
            ONE_CODE,
            Text("请与原登记机关核对，由应负责的一家登记", "Settle with the other office which of you registers it"),
        ),
        Check(
            "name.shared",
            Group.DUPLICATE,
            Text("一名多码", "One name, two codes"),
            Text(
                "两个以上存续主体使用同一名称而代码不同", "several subjects bear this name now, under different codes"
            ),
            ONE_CODE,
            Text(
                "请核实是否重复赋码；确为不同主体重名的，写明理由",
                "See whether one subject was given two codes; if they are different subjects, say so with the reason",
            ),
        ),
        Check(
            "code.wrong",
            Group.ERROR,
            Text("错码", "Wrong code"),
            Text(
                "报送的登记信息中代码不合编码规则",
                "a registration was handed in with a code that breaks the coding rule",
            ),
            STANDARD,
            Text("请对照登记档案更正代码后重新报送", "Correct the code from the register's files and send it again"),
        ),
        Check(
            "code.inner",
            Group.ERROR,
            Text("主体标识码校验不符", "Organisation code inside fails its check"),
            Text(
                "代码第 9 至 17 位的校验码不符；已赋的代码中确有此种情况",
                "positions 9 to 17 fail their own check; some codes were assigned so",
            ),
            "GB 11714-1997",
            Text(
                "请核对赋码档案；档案即如此的，写明理由", "Compare with the file of assignment; if it says so, note it"
            ),
        ),
        Check(
            "code.range",
            Group.ERROR,
            Text("超出赋码范围", "Outside the office's range"),
            Text(
                "代码的部门、类别或区划不在登记单位的赋码范围内",
                "department, class or division of the code lie outside what the registering office may assign",
            ),
            f"{STANDARD} 登记管理部门代码和机构类别代码",
            Text(
                "请核实代码；范围登记不全的，由信用中心补登",
                "Check the code; if the range is recorded incompletely, the credit centre completes it",
            ),
        ),
        Check(
            "subject.dead",
            Group.STATE,
            Text("注销后仍有业务", "Acted upon after its end"),
            Text(
                "主体已注销，注销之后仍有关于它的决定",
                "decisions about this subject are dated after its deregistration",
            ),
            CHECKING,
            Text(
                "请核实登记状态和日期；状态无误的，由决定机关核实决定的对象",
                "Check status and day; if they are right, the deciding body checks whom its decision is about",
            ),
        ),
        Check(
            "code.legacy",
            Group.LEGACY,
            Text("旧码未转换", "Old number not converted"),
            Text("主体只有旧的登记号，没有统一社会信用代码", "the subject has an old number and no unified code"),
            CONVERTING,
            Text(
                "已换码的，带原注册号重新报送登记信息；尚未换码的，通知主体换照",
                "If it has a code, send the registration with both; if not, tell the subject to exchange its licence",
            ),
        ),
        Check(
            "relation.unknown",
            Group.STATE,
            Text("关联主体不在库", "Related subject unknown"),
            Text("关系所指的代码在主体库中不存在", "the subject base does not know the code a relation points to"),
            CHECKING,
            Text("请核对关联主体代码，或补报其登记信息", "Check the code, or register the other subject"),
        ),
        Check(
            "relation.circle",
            Group.STATE,
            Text("关系循环", "Circular relation"),
            Text("同一种关系绕回了自身", "relations of one kind lead back to where they began"),
            CHECKING,
            Text("请核对各主体的关系，终止错误的一条", "Check each relation and end the wrong one"),
        ),
        Check(
            "relation.merged",
            Group.STATE,
            Text("已并入而仍存续", "Merged and still active"),
            Text(
                "主体已并入其他主体，登记状态仍为存续",
                "the subject was merged into another and is still registered active",
            ),
            CHECKING,
            Text("请核实并更新登记状态", "Check and update the registration status"),
        ),
    )
}


class Step(StrEnum):
    """What can happen to a finding (处理动作)."""

    FOUND = "found"
    CHANGED = "changed"
    GONE = "gone"
    TAKEN = "taken"
    NOTED = "noted"
    EXPLAINED = "explained"
    REOPENED = "reopened"
    ASSIGNED = "assigned"


class State(StrEnum):
    """State of a finding (问题状态): nobody closes one as mended; the next run says whether the evidence is gone."""

    OPEN = "open"
    TAKEN = "taken"
    EXPLAINED = "explained"
    GONE = "gone"


STATES: Mapping[State, Text] = {
    State.OPEN: Text("待核实", "To be checked"),
    State.TAKEN: Text("核实中", "Being checked"),
    State.EXPLAINED: Text("已说明", "Explained"),
    State.GONE: Text("已消除", "Gone"),
}
STEPS: Mapping[Step, Text] = {
    Step.FOUND: Text("校核发现", "found by the cross-check"),
    Step.CHANGED: Text("证据有变化", "the evidence changed"),
    Step.GONE: Text("复核时已不存在", "no longer there when checked again"),
    Step.TAKEN: Text("开始核实", "taken up"),
    Step.NOTED: Text("补充说明", "a note was added"),
    Step.EXPLAINED: Text("说明理由，不作问题", "explained as no fault"),
    Step.REOPENED: Text("重新列为问题", "opened again"),
    Step.ASSIGNED: Text("转交单位", "handed to an office"),
}
