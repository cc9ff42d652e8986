"""Space (存储空间): what SQLite, PostgreSQL, the engine and the system say when nothing more can be written, in one refusal."""

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

_FULL = ("disk is full", "disk I/O error", "No space left", "File too large", "could not extend file", "quota exceeded")
_READ_ONLY = ("readonly database", "Read-only file system", "read-only transaction")


def is_full(error: BaseException) -> bool:
    """Whether this says that the disk takes no more; SQLite calls a full disk an I/O error when it cannot even begin."""
    return any(words in str(error) for words in _FULL)


def refusal(error: BaseException, where: str) -> Refusal | None:
    """The refusal for a disk that is full or may only be read; None for every other fault."""
    if is_full(error):
        return Refusal(
            "platform.disk-full",
            Text("磁盘写不下了", "the disk takes no more"),
            where=Text(where, where),
            remedy=Text("请腾出空间后重试", "free some space and try again"),
        )
    if any(words in str(error) for words in _READ_ONLY):
        return Refusal(
            "platform.read-only",
            Text(f"只能读取，不能写入：{error}", f"this can only be read and not be written to: {error}"),
            where=Text(where, where),
            remedy=Text(
                "请核对磁盘是否以只读方式挂载，以及当前用户的写入权限",
                "check whether the disk is mounted read-only, and that your user may write there",
            ),
        )
    return None
