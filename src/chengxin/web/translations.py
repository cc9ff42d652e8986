"""Translations (界面翻译): collects what pages say, and compiles the English texts; for people who change pages.

``python -m chengxin.web.translations`` adds new texts to ``locale/en/LC_MESSAGES/django.po``, drops those no page uses,
and writes ``django.mo``. It needs Babel, which only developers install; a test compares both files with the pages.
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

WEB = Path(__file__).parent
PO = WEB / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext"}
_IN_TEMPLATE = re.compile(
    r"""\b(n?gettext|_)\(\s*((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")(?:\s*,\s*(?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"))?)"""
)

Message = str | tuple[str, str]
"""A text, or singular and plural."""


def messages() -> dict[Message, list[str]]:
    """Every text the pages say, with the files that say it."""
    found: dict[Message, list[str]] = {}
    for path in sorted(WEB.rglob("*")):
        if path.suffix == ".py":
            said = _of_python(path.read_text(encoding="utf-8"))
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            said = _of_template(path.read_text(encoding="utf-8"), str(path))
        else:
            continue
        for message in said:
            found.setdefault(message, []).append(path.relative_to(WEB).as_posix())
    return found


def update() -> list[str]:
    """Bring the .po in line with the pages and write the .mo; returns the texts that still lack English."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    known = read_po(io.BytesIO(PO.read_bytes())) if PO.exists() else Catalog(locale="en")
    fresh = Catalog(locale="en", project="chengxin", charset="utf-8", fuzzy=False, header_comment=HEADER)
    for message, files in sorted(messages().items(), key=lambda pair: (pair[1][0], str(pair[0]))):
        id = message if isinstance(message, str) else message[0]
        old = known.get(id)
        places = [(file, 0) for file in sorted(set(files))]
        flags = ["python-format"] if "%(" in id else []
        empty: Message = "" if isinstance(message, str) else ("", "")
        fresh.add(
            message, old.string if old and type(old.string) is type(empty) else empty, locations=places, flags=flags
        )
    out = io.BytesIO()
    write_po(out, fresh, width=120, include_lineno=False, omit_header=False)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(
        re.sub(
            rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Project-Id-Version|Report-Msgid-Bugs-To|Last-Translator|Language-Team):[^\n]*\n',
            b"",
            out.getvalue(),
        )
    )
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(PO.read_bytes())))
    MO.write_bytes(compiled.getvalue())
    return [str(m.id) for m in fresh if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]


HEADER = "# English texts of the pages. Terms follow GLOSSARY.md; names, document numbers and law titles stay Chinese."


def _of_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS):
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if texts:
            yield (texts[0], texts[1]) if node.func.id == "ngettext" else texts[0]


def _of_template(source: str, name: str) -> Iterator[Message]:
    for call, arguments in _IN_TEMPLATE.findall(templatize(source, origin=name)):
        texts = ast.literal_eval(f"({arguments},)")
        yield (texts[0], texts[1]) if call == "ngettext" else texts[0]


if __name__ == "__main__":
    for text in update():
        print("no English yet:", text)
