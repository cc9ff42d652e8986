"""Reading (识别结果): what of a file was not read and what was noticed, in the words every door says it in."""

from collections.abc import Mapping
from typing import Any

from chengxin.kernel.text import Text

UNUSED = Text("没有用到的列", "Columns not used")
ABSENT = Text("字段映射所列、文件中没有的列", "Columns the mapping names and the file lacks")
NOTE = Text("说明", "Note")


def told(reading: Mapping[str, Any]) -> list[tuple[Text, Text]]:
    """What a sender should know of how a file was read (a submission's ``reading``): label and value, none when all is
    as it should be. Receipts of earlier versions say less."""
    said = [
        (label, Text("、".join(found), ", ".join(found)))
        for label, key in ((UNUSED, "unused"), (ABSENT, "absent"))
        if (found := reading.get(key))
    ]
    return [*said, *((NOTE, Text(note["zh"], note["en"])) for note in reading.get("notes", []))]
