"""Reference page of the catalogue (目录参考页): items, terms and severity as one Markdown text, written from the data."""

from chengxin.catalogue.laws import cite
from chengxin.catalogue.model import Catalogue, Field, Item
from chengxin.catalogue.terms import Regime, SeverityStandard

HEAD = """# Items and terms 事项与期限

Written from the national data files by `make docs`. 本页由 `make docs` 从目录数据生成。
**未核实** marks values that nobody has compared with the text of the act or standard; they are replaceable defaults.
"""

UNCONFIRMED = "**未核实**"


def items_page(catalogue: Catalogue) -> str:
    """The whole page; a test compares the committed copy."""
    parts = [HEAD]
    for item in catalogue.items.values():
        parts += [f"\n## {item.title.zh} {item.title.en} (`{item.id}`)\n\n", _head(catalogue, item), _fields(item)]
    parts.append("\n## 公示期限 Terms of publication\n")
    parts += [_regime(catalogue, r) for r in sorted(catalogue.regimes.values(), key=lambda r: r.in_force_from)]
    parts.append("\n## 失信严重程度 Severity\n")
    parts += [_standard(catalogue, s) for s in catalogue.severity_standards.values()]
    return "".join(parts)


def _head(catalogue: Catalogue, item: Item) -> str:
    public = "公示 published" if item.publicity == "public" else "不公示 never published"
    days = f"{item.reporting_days} 个工作日 working days" if item.reporting_days is not None else "—"
    lines = [
        f"- 来源 source: {item.source_authority.zh} {item.source_authority.en}",
        f"- 报送时限 reported within: {days}",
        f"- {public}; 版本 edition: {item.edition}{_mark(item.unconfirmed)}",
        f"- 依据 basis: {cite(catalogue.laws, item.basis).zh}",
    ]
    return "\n".join(lines) + "\n\n"


def _fields(item: Item) -> str:
    rows = [_row(number, f) for number, f in enumerate(item.fields, start=1)]
    rows += [_row("+", f) for f in item.supplement]
    return "| # | field | 数据项 | type | required | unconfirmed |\n|---|---|---|---|---|---|\n" + "".join(rows)


def _row(number: object, field: Field) -> str:
    size = f"{field.digits[0]},{field.digits[1]} {field.unit}" if field.digits else str(field.length or "")
    required = field.required if isinstance(field.required, str) else "conditional"
    if field.personal:
        required += f"; {field.personal}"
    unconfirmed = ", ".join(field.unconfirmed)
    return f"| {number} | `{field.id}` | {field.label.zh} | {field.type} {size} | {required} | {unconfirmed} |\n"


def _regime(catalogue: Catalogue, regime: Regime) -> str:
    until = regime.in_force_to.isoformat() if regime.in_force_to else "—"
    lines = [
        f"\n### {regime.title.zh} (`{regime.id}`)\n",
        f"{regime.in_force_from} – {until}; {cite(catalogue.laws, regime.basis).zh}{_mark(regime.unconfirmed)}\n",
    ]
    if regime.note.zh:
        lines.append(f"{regime.note.zh}\n\n{regime.note.en}\n")
    lines.append("| severity | published | from month | to month | |\n|---|---|---|---|---|")
    for term in regime.terms:
        least = "" if term.min_months is None else term.min_months
        most = "" if term.max_months is None else term.max_months
        remark = ("有条件 conditional " if term.when else "") + ("" if term.confirmed else UNCONFIRMED)
        lines.append(f"| {term.severity} | {term.publish} | {least} | {most} | {remark} |")
    return "\n".join(lines) + "\n"


def _standard(catalogue: Catalogue, standard: SeverityStandard) -> str:
    lines = [f"\n### {standard.title.zh} (`{standard.id}`)\n", f"{cite(catalogue.laws, standard.basis).zh}\n"]
    lines += [f"- 每一条 every record: {standard.every}"] if standard.every else []
    lines += [f"- {kind}: {severity}" for kind, severity in standard.kinds.items()]
    lines += [f"- {p.value}（{'、'.join(p.kinds)}）: {p.severity}" for p in standard.procedures]
    lines.append(f"\n{standard.note.zh}\n\n{standard.note.en}")
    return "\n".join(lines) + "\n"


def _mark(unconfirmed: tuple[str, ...]) -> str:
    return f" {UNCONFIRMED}: {', '.join(unconfirmed)}" if unconfirmed else ""
