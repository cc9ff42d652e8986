"""Access to the entrance (办事入口权限): who is signed in, for which organisation, under which authorisation."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from chengxin.kernel.refusal import Refusal
from chengxin.operations import accounts, authorisations
from chengxin.operations.authorisations import Holder
from chengxin.web.context import site

View = Callable[..., HttpResponseBase]
ACTING = "acting-for"
"""Where the session keeps which of several organisations is acted for."""
UNKNOWN = {"authorisation.unknown", "case.unknown", "record.not-held", "case.record"}


def person_page(view: View) -> View:
    """A page for somebody who is signed in, authorised or not: ``view(request, user, holder or None, …)``."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = _answer(request, view, args, kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return page


def holder_page(view: View) -> View:
    """A page for somebody who acts for an organisation: ``view(request, holder, …)``; others first prove that they do."""

    @person_page
    @wraps(view)
    def page(request: HttpRequest, user: User, holder: Holder | None, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if holder is None:
            return redirect("my:home")
        return view(request, holder, *args, **kwargs)

    return page


def acting_for(request: HttpRequest) -> tuple[Holder | None, list[Holder]]:
    """For whom the signed-in person acts now, and for whom it might."""
    able = authorisations.holders(cast("User", request.user))
    chosen = request.session.get(ACTING)
    return next((each for each in able if each.subject == chosen), able[0] if able else None), able


def show(
    request: HttpRequest,
    holder: Holder | None,
    template: str,
    context: dict[str, Any] | None = None,
    problem: Refusal | None = None,
) -> HttpResponse:
    """A page under the header of the entrance; with a problem it says so at the top and answers 422."""
    common = cast("dict[str, Any]", site(request)["site"])
    frame = {**common, "links": _links(request, holder)}
    full = {"holder": holder, "problem": problem, **(context or {}), "site": frame}
    return render(request, template, full, status=422 if problem else 200)


def _answer(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase:
    if not request.user.is_authenticated:
        back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("my:home")
        return redirect_to_login(back, reverse("my:sign-in"))
    if accounts.principal(request.user) is not None:
        return render(request, "my/desk_account.html", status=403)
    holder, _able = acting_for(request)
    try:
        return view(request, request.user, holder, *args, **kwargs)
    except Refusal as refusal:
        answer = show(request, holder, "my/refusal.html", {"refusal": refusal})
        answer.status_code = 404 if refusal.rule in UNKNOWN else 422
        return answer


def _links(request: HttpRequest, holder: Holder | None) -> list[dict[str, object]]:
    home = reverse("my:home")
    names = [(_("办事首页"), home)]
    if holder is not None:
        names += [(_("本单位信息"), reverse("my:records")), (_("办件"), reverse("my:cases"))]
    names += [(_("授权"), reverse("my:authorisations")), (_("账号"), reverse("my:account"))]
    path = request.path
    return [
        {"name": name, "url": url, "current": path == url or (url != home and path.startswith(url))}
        for name, url in names
    ]
