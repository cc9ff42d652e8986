"""Vocabulary (词汇) of the reconciliation service: types of subject, and the properties that may be asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from chengxin.disclosure import masking
from chengxin.kernel.text import Text
from chengxin.operations import export, rulebook
from chengxin.records.model import REGISTRATION
from chengxin.subjects.model import Kind

ANY = "organisation"
"""Type of every subject."""
TYPES: Mapping[str, Text] = {
    ANY: Text("组织", "Organisation"),
    Kind.GOVERNMENT: Text("机关", "Government body"),
    Kind.INSTITUTION: Text("事业单位", "Public institution"),
    Kind.ENTERPRISE: Text("企业", "Enterprise"),
    Kind.SOLE_TRADER: Text("个体工商户", "Sole trader"),
    Kind.SOCIAL: Text("社会组织", "Social organisation"),
    Kind.COOPERATIVE: Text("农民专业合作社", "Farmers' co-operative"),
    Kind.OTHER: Text("其他组织", "Other organisation"),
}
RECORDS = "records-"
"""Prefix of the properties that count what is public of an item today."""


@dataclass(frozen=True)
class Property:
    """A property of a subject (属性) that a table can be extended by; ``form`` is ``str``, ``date`` or ``int``."""

    id: str
    name: Text
    form: str = "str"


def described(id: str) -> dict[str, str]:
    """A type as the API names it."""
    return {"id": id, "name": both(TYPES[id])}


def both(text: Text) -> str:
    """A text in both languages: the API knows one name only."""
    return f"{text.zh} {text.en}"


def properties() -> Mapping[str, Property]:
    """Everything public about a subject, by id, in the order it is proposed."""
    catalogue = rulebook.catalogue()
    register = catalogue.items[REGISTRATION]
    own = [
        Property("code", Text("统一社会信用代码", "Unified social credit code")),
        Property("name", Text("现用名称", "Present name")),
        Property("former_names", Text("曾用名", "Former names")),
        Property("legacy_codes", Text("曾用号码", "Old numbers")),
        Property("kind", Text("主体类别", "Kind of subject")),
        Property("status", Text("登记状态", "Status")),
    ]
    said = {register.role(role) for role in ("name", "code", "status")}
    registered = [
        Property(id, register.field(id).label, "date" if register.field(id).type == "date" else "str")
        for id in masking.public_ids(register, "")
        if id not in said
    ]
    counted = [
        Property(
            RECORDS + id,
            Text(f"公示中的{catalogue.items[id].title.zh}条数", f"{catalogue.items[id].title.en}: public today"),
            "int",
        )
        for id in export.items()
    ]
    return {each.id: each for each in (*own, *registered, *counted)}
