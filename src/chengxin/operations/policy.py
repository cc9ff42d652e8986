"""Policy file (见证规则): whom to believe about a log, read from a file in the form of C2SP tlog-policy."""

from functools import lru_cache
from pathlib import Path

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger.verify import Policy, parse_policy


def read_policy(path: Path) -> Policy:
    """The policy in a file, read again when it changes; raises Refusal ``log.policy``."""
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise Refusal(
            "log.policy",
            Text("见证规则文件不能使用", "the policy file cannot be used"),
            where=Text(f"{path}：{error}", f"{path}: {error}"),
            basis="C2SP tlog-policy",
            remedy=Text("请按 docs/how-to/witnesses.md 修改", "mend it as docs/how-to/witnesses.md says"),
        ) from error


@lru_cache(maxsize=8)
def _parsed(path: Path, changed: int) -> Policy:
    return parse_policy(path.read_text(encoding="utf-8"))
