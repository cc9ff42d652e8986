"""Standing (信息现状) in the way of a row: why a row may not speak of the record it names."""

from collections.abc import Mapping
from dataclasses import dataclass

from chengxin.kernel.text import Text

OTHER_SOURCE = "record.other-source"
WITHDRAWN = "record.withdrawn"
ERASED = "record.erased"
UNKNOWN = "record.unknown"
LONGER = "record.longer"


@dataclass(frozen=True)
class Hindrance:
    """What keeps a row out (不予受理情形), or as a ``warning`` is told of one that is stored: rule, role of the field at
    fault, message, basis, what to do."""

    id: str
    role: str
    message: Text
    basis: str
    remedy: Text
    level: str = "error"


RULES: Mapping[str, Hindrance] = {
    rule.id: rule
    for rule in (
        Hindrance(
            OTHER_SOURCE,
            "document_no",
            Text(
                "该信息由其他单位报送，只有原报送单位可以更正或者撤回",
                "another source handed this record in; only that source corrects or withdraws it",
            ),
            "本平台规则：更正和撤回由原报送单位作出",
            Text("请与原报送单位联系", "ask the source that handed it in"),
        ),
        Hindrance(
            WITHDRAWN,
            "recertified",
            Text(
                "该信息已由来源单位撤回，没有新的恢复收录证明不得再次收录",
                "the source withdrew this record; without a new certificate it is not recorded again",
            ),
            "《中华人民共和国行政处罚法》第四十八条",
            Text(
                "确应恢复的，请填写恢复收录证明文号（每次须为新的文号）后重新报送；否则不再报送这一行",
                "if it should stand after all, give the number of a new certificate and send the row again; else leave it out",
            ),
        ),
        Hindrance(
            ERASED,
            "document_no",
            Text("该信息已依法删除，不得再次收录", "this record was erased under the law and is not recorded again"),
            "《中华人民共和国个人信息保护法》第四十七条",
            Text("请不再报送这一行", "leave the row out"),
        ),
        Hindrance(
            UNKNOWN,
            "document_no",
            Text(
                "没有与该主体、文号和机关代码对应的信息",
                "no record has this subject, document number and authority",
            ),
            "本平台规则：对信息的处理须指明一条已收录的信息",
            Text(
                "请核对主体代码、原文号和处罚机关代码", "check the subject's code, the number and the authority's code"
            ),
        ),
        Hindrance(
            LONGER,
            "decided_on",
            Text(
                "这一更正使该信息的公示截止日比原来晚，公示时间变长",
                "this correction makes the record's publication end later than it did",
            ),
            "本平台规则：更正不得不经提示延长公示",
            Text(
                "请核对决定日期和程度。填写无误的不用处理；有误的请按决定文书再次更正",
                "check the day of the decision and the severity; if they are as the decision has them nothing is to be done, "
                "else correct the record again",
            ),
            "warning",
        ),
    )
}
