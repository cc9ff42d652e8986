"""Reference pages that are written from the code (参考文档生成): ``make docs`` writes them, a test compares them.

``cli.md`` comes from the commands themselves, ``errors.md`` from every place that raises a Refusal, ``rules.md`` from the
catalogue, ``GLOSSARY.md`` from a table of terms and the first lines of the modules.
"""

import ast
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from chengxin.catalogue.loader import load
from chengxin.intake import checks

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "chengxin"

CLI_HEAD = """# Command line 命令行

Written from the commands themselves by `make docs`. 本页由 `make docs` 从命令本身生成。

State lies under `CHENGXIN_HOME` (default `./var`); `DATABASE_URL` selects PostgreSQL; see [settings](settings.md).

| exit code | meaning |
|---|---|
| 0 | done 完成 |
| 1 | done, but some rows were quarantined, unlinked or refused, or something differed 有行需处理 |
| 2 | the whole file or the question was refused, with the reason 整体不予受理 |
| 3 | broken: a fault of the platform or of the machine 故障 |

`--json` prints one JSON object on standard output; messages and progress go to standard error.
`submit`, `subjects import` and `receipt` print
`{submission, rows, accepted, unchanged, corrected, quarantined, unlinked, refused, warnings, reasons: {rule: n},
normalised: {kind: n}, checkpoint: {size, root}, reading, parent}`; the six outcomes always add up to `rows`. `reading` says how the
file was read: `{format, encoding, delimiter, sheet, sheets, header_row, notes, recognised: {header: field}, unused, absent,
missing}`. Columns not used, columns a mapping names and the file lacks, and notes (a sheet left out, rows stepped over) are
also told on standard error. `parent` is the receipt whose rows the file mends.

`receipt` adds `state` (`received`, `running`, `done`, `refused`, `failed`) and `problem`, the refusal of a file that was refused
as a whole, and exits as `submit` did then. With `--rows` it adds `listed: [{row, reasons: [rule], findings: [{rule, field, message,
basis, remedy, suggestion}], cells}]`, messages and remedies as `{zh, en}`. A refusal is printed as `{refusal: {rule, what, where, basis, remedy}}`, with the
number under which it is kept (`submission`) where a file was refused; so are a command written wrongly (`command.usage`) and a
fault (`platform.failure`).
"""

ERRORS_HEAD = """# Refusals 不予受理的情形

Written from the code by `make docs`. 本页由 `make docs` 从代码生成。

A refusal names its rule, what is wrong, where, the basis and what to do, on pages, as problem+json and on the command
line. Rule ids are stable. Rules about single rows of a file (`xzcf.jdrq.future` …) come from the catalogue: the receipt
shows their texts, and `chengxin catalogue show ITEM` the fields they follow from. `…` stands for what varies.

| rule | 中文 | English |
|---|---|---|
"""


GLOSSARY_HEAD = """# Glossary 术语表

One English word for one official term. Terms are kept in `docs/glossary.tsv`; the second table is written from the first
lines of the modules. `make docs` writes this page. 本页由 `make docs` 生成。

## Terms 术语

| English | 中文 | meaning |
|---|---|---|
"""

MODULES_HEAD = """
## Where each is at home 术语所在模块

| 中文 | module | path |
|---|---|---|
"""


def cli() -> str:
    """The page about every command, its arguments and options."""
    from typer.main import get_command

    from chengxin import cli
    from chengxin.cli.app import app

    for module in iter_modules(cli.__path__):
        import_module(f"{cli.__name__}.{module.name}")  # each registers its commands

    parts = [CLI_HEAD]
    for path, command in _commands(get_command(app), "chengxin"):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        usage = " ".join([path, *(f"{p.name.upper()}" for p in arguments), *(["[OPTIONS]"] if options else [])])
        parts.append(f"\n## {path}\n\n{_one_line(command.help)}\n\n```\n{usage}\n```\n")
        rows = [f"| `{p.name.upper()}` | {_one_line(p.help)} | required |" for p in arguments]
        rows += [f"| {_spelling(p)} | {_one_line(p.help)} | {_default(p)} |" for p in options]
        if rows:
            parts.append("\n| argument or option | meaning | default |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "".join(parts)


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    inner: Mapping[str, Any] = getattr(command, "commands", {})
    if not inner:
        yield path, command
    for name in sorted(inner):
        yield from _commands(inner[name], f"{path} {name}")


def _spelling(option: Any) -> str:
    return ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))


def _default(option: Any) -> str:
    if option.required:
        return "required"
    if option.default in (None, "", False) or callable(option.default):
        return ""
    return f"`{option.default}`"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


@dataclass(frozen=True)
class Rule:
    """A rule id that a Refusal in the code carries, with its bilingual text (``…`` where it varies)."""

    id: str
    zh: str
    en: str


def rules() -> list[Rule]:
    """Every rule id written out in the code, once, in order."""
    found: dict[str, Rule] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        named = [node for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
        for node in nodes:
            if isinstance(node, ast.Call) and node.args:
                rule = _rule(node, named)
                if rule and (rule.id not in found or not found[rule.id].zh):
                    found[rule.id] = rule
    return [found[id] for id in sorted(found)]


def _rule(call: ast.Call, named: list[ast.Assign]) -> Rule | None:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in {"Refusal", "refused"} or not isinstance(call.args[0], ast.Constant):
        return None
    id = str(call.args[0].value)
    if name == "refused":
        id = f"catalogue.{id}"
    zh = en = ""
    for argument in call.args[1:2]:
        text = _named(argument, named) if isinstance(argument, ast.Name) else argument
        if isinstance(text, ast.BoolOp):
            text = text.values[-1]  # ``text or Text(…)``
        if isinstance(text, ast.Call) and len(text.args) == 2:
            zh, en = (_literal(part) for part in text.args)
    return Rule(id, zh, en)


def _named(name: ast.Name, assigned: list[ast.Assign]) -> ast.expr | None:
    """What a name was last said to be above the place where it is used."""
    above = [each for each in assigned if getattr(each.targets[0], "id", "") == name.id and each.lineno < name.lineno]
    return max(above, key=lambda each: each.lineno).value if above else None


def _literal(node: ast.expr) -> str:
    """A text as written, with … for what is filled in."""
    if isinstance(node, ast.Constant):
        return re.sub(r"\{[^}]*\}", "…", str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _literal(node.left) + _literal(node.right)
    return "…"


def errors() -> str:
    """The page about every refusal."""
    return ERRORS_HEAD + "".join(f"| `{r.id}` | {_one_line(r.zh)} | {_one_line(r.en)} |\n" for r in rules())


def glossary() -> str:
    """The glossary: terms from ``docs/glossary.tsv``, then the official term of every module from its first line."""
    with (ROOT / "docs" / "glossary.tsv").open(encoding="utf-8", newline="") as file:
        terms = [
            f"| {row['english']} | {row['chinese']} | {row['meaning']} |\n"
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    modules = [f"| {term} | {_one_line(said)} | `{path}` |\n" for path, term, said in _modules()]
    return GLOSSARY_HEAD + "".join(terms) + MODULES_HEAD + "".join(modules)


def _modules() -> Iterator[tuple[str, str, str]]:
    """(path, Chinese term, what the module is) from the first line of every module that names a term."""
    for path in sorted(SOURCE.rglob("*.py")):
        said = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
        if found := re.search(r"\(([\u4e00-\u9fff]+)\)", said):
            rest = said.replace(f" {found[0]}", "", 1)
            yield path.relative_to(SOURCE.parent).as_posix(), found[1], rest


def manual() -> str:
    """Every rule of every item, from the catalogue."""
    return checks.reference_page(load())


PAGES = {
    "docs/reference/cli.md": cli,
    "docs/reference/errors.md": errors,
    "docs/reference/rules.md": manual,
    "GLOSSARY.md": glossary,
}


def main() -> None:
    for name, write in PAGES.items():
        (ROOT / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
