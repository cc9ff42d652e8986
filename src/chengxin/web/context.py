"""What every page knows (页面公共信息): the platform's name, the main links, the same page in the other language."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

ENGLISH = "/en"


def site(request: HttpRequest) -> dict[str, object]:
    """Context processor: ``site`` for the header and footer of each page."""
    english = (get_language() or "").startswith("en")
    return {
        "site": {
            "name": settings.SITE_NAME,
            "contact": getattr(settings, "CONTACT", ""),
            "english": english,
            "lang": "en" if english else "zh-Hans",
            "address": settings.SITE_URL + request.get_full_path(),
            "other_url": other_language(request.get_full_path()),
            "links": _links(request.path),
        }
    }


def other_language(path: str) -> str:
    """The address of the same page in the other language; English mirrors every path under ``/en``."""
    if path == ENGLISH or path.startswith(ENGLISH + "/"):
        return path[len(ENGLISH) :] or "/"
    return ENGLISH + path


def _links(path: str) -> list[dict[str, object]]:
    home = reverse("site:home")
    names = [
        (_("查询"), home, (home + "search", home + "subject/", home + "record/")),
        (_("核验"), reverse("site:verify"), ()),
        (_("修复和异议"), reverse("my:home"), ()),
        (_("开放数据"), reverse("site:data"), ()),
        (_("规则目录"), reverse("site:rules"), ()),
        (_("单位报送"), home + "desk/", ()),
    ]
    return [
        {
            "name": name,
            "url": url,
            "current": path == url or (url != home and path.startswith(url)) or path.startswith(also),
        }
        for name, url, also in names
    ]
