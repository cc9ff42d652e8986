"""Check in the browser (浏览器内核验): the place on a page where the visitor's own browser checks a proof file."""

from django import template
from django.utils.translation import gettext as _

from chengxin.ledger.verify import WORDS
from chengxin.operations import logkey
from chengxin.web.site.wording import english

register = template.Library()


@register.inclusion_tag("components/browser_check.html")
def browser_check(proof_url: str = "") -> dict[str, object]:
    """The check of the proof file at ``proof_url``; of a file the visitor picks where that is empty.

    The sentences are those of ``verify.py``, and four that only a browser has to say.
    """
    own = [
        ("file.none", "✗", _("还没有选择证明文件。")),
        ("file.unreadable", "✗", _("这不是证明文件，或文件有损坏，或没有取到（{}）。")),
        ("browser.no-crypto", "✗", _("浏览器只在 https 网址上提供密码运算，请换用 https，或用 verify.py 核验。")),
        (
            "browser.no-ed25519",
            "!",
            _("您的浏览器不支持 Ed25519，检查点的签名没有核对。请换用新版浏览器，或用 verify.py 核验。"),
        ),
    ]
    language = 2 if english() else 1
    lines = [(id, words[0], words[language]) for id, words in WORDS.items()] + own
    return {"proof_url": proof_url, "keys": logkey.verifiers(), "lines": lines}
