"""Words (用语) for acts and for what they leave on a record, in both languages."""

from collections.abc import Mapping

from chengxin.kernel.text import Text
from chengxin.records.fold import Mark, State
from chengxin.records.model import Act

STATES: Mapping[Mark, Text] = {
    Mark.CONTESTED: Text("处于异议处理中", "under objection"),
    Mark.SUSPENDED: Text("已暂停公示", "suspended"),
    Mark.TAKEN_DOWN: Text("已紧急下线", "taken down"),
    Mark.REPAIRED: Text("已修复", "repaired"),
    Mark.WITHDRAWN: Text("已撤回", "withdrawn"),
    Mark.UNLINKED: Text("已撤销归集", "unlinked"),
    Mark.ERASED: Text("已删除", "erased"),
    Mark.UNSHARED: Text("已停止共享使用", "no longer shared"),
    Mark.LIFTED: Text("已解除措施", "without measures"),
}
"""What each mark says of a record, in words."""

NAMES: Mapping[Act, Text] = {
    Act.STATE: Text("陈述", "statement"),
    Act.WITHDRAW: Text("撤回", "withdrawal"),
    Act.REINSTATE: Text("恢复收录", "reinstatement"),
    Act.UNLINK: Text("撤销归集", "unlinking"),
    Act.OBJECT: Text("异议受理", "acceptance of an objection"),
    Act.SETTLE: Text("异议办结", "settling of an objection"),
    Act.SUSPEND: Text("暂停公示", "suspension"),
    Act.RESUME: Text("恢复公示", "resumption"),
    Act.TAKE_DOWN: Text("紧急下线", "emergency take-down"),
    Act.CONFIRM: Text("下线确认", "confirmation of a take-down"),
    Act.PUT_BACK: Text("撤销下线", "undoing of a take-down"),
    Act.REPAIR: Text("信用修复", "repair"),
    Act.END_SHARING: Text("停止共享使用", "end of sharing and use"),
    Act.LIFT: Text("解除措施", "lifting of measures"),
    Act.RESTORE: Text("撤销修复", "undoing of a repair"),
    Act.ERASE: Text("删除", "erasure"),
}
"""What each act is called."""

WORDS: Mapping[State, Text] = {
    State.PUBLISHED: Text("公示中", "Published"),
    State.COMING: Text("尚未起算", "Not yet published"),
    State.EXPIRED: Text("公示期满", "Term ended"),
    State.WITHHELD: Text("不公示", "Not published"),
    State.SUSPENDED: Text("暂停公示", "Suspended"),
    State.REPAIRED: Text("已修复", "Repaired"),
    State.TAKEN_DOWN: Text("紧急下线", "Taken down"),
    State.UNLINKED: Text("已撤销归集", "Unlinked"),
    State.WITHDRAWN: Text("已撤回", "Withdrawn"),
    State.ERASED: Text("已删除", "Erased"),
}
"""What each state is called."""
