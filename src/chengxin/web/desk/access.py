"""Access to the desk (工作台权限): who is signed in, what every page of the desk knows, and how refusals look."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chengxin.kernel.refusal import Refusal
from chengxin.operations import accounts, receipts
from chengxin.operations.accounts import Principal
from chengxin.storage.models import Submission
from chengxin.web.context import site

View = Callable[..., HttpResponseBase]
UNKNOWN = {"finding.unknown", "record.not-held", "record.erased", "receipt.unknown", "case.unknown"}


def desk_page(view: View) -> View:
    """A page for people of a source: ``view(request, who, …)``. Refusals become a page, answers are never stored."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        who = accounts.principal(request.user)
        response: HttpResponseBase
        if who is None:
            response = _turn_away(request)
        else:
            try:
                response = view(request, who, *args, **kwargs)
            except Refusal as refusal:
                status = 404 if refusal.rule in UNKNOWN else 422
                response = show(request, who, "desk/refusal.html", {"refusal": refusal}, status=status)
        response["Cache-Control"] = "no-store"
        return response

    return page


def show(
    request: HttpRequest, who: Principal, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page under the header of the desk."""
    common = cast("dict[str, Any]", site(request)["site"])
    frame = {**common, "name": _("报送工作台 · %(source)s") % {"source": who.source_name}, "links": links(request, who)}
    return render(request, template, {"who": who, "desk": True, **(context or {}), "site": frame}, status=status)


def own_submission(who: Principal, number: str) -> Submission:
    """The submission if this person may see it; another source's looks like one that does not exist."""
    return receipts.submission(number, source=who.scope)


def links(request: HttpRequest, who: Principal) -> list[dict[str, object]]:
    """The links of the header; at most six with the language."""
    queue = reverse("desk:queue")
    quality = reverse("desk:sources") if who.sees_all else reverse("desk:source", args=[who.source])
    names = [
        (_("待办"), queue),
        (_("办件"), reverse("desk:cases")),
        (_("报送记录"), reverse("desk:submissions")),
        (_("各单位质量") if who.sees_all else _("本单位质量"), quality),
        (who.user, reverse("desk:account")),
    ]
    path = request.path
    exact = {queue}
    return [
        {
            "name": name,
            "url": url,
            "current": path == url or (url not in exact and path.startswith(url) and path not in exact),
        }
        for name, url in names
    ]


def wants_fragment(request: HttpRequest) -> bool:
    """Whether the page asks for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def _turn_away(request: HttpRequest) -> HttpResponse:
    sign_in = reverse("desk:sign-in")
    if request.user.is_authenticated:
        return render(request, "desk/no_source.html", status=403)
    if wants_fragment(request):
        # a part of a page cannot become the sign-in page: the browser goes there as a whole
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in})
    if request.method != "GET":
        return redirect_to_login(reverse("desk:queue"), sign_in)
    return redirect_to_login(request.get_full_path(), sign_in)
