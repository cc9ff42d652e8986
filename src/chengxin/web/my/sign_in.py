"""Sign-in of the entrance (办事登录): user name and password, or the identity provider; apart from the desk."""

from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import entrance, identity
from chengxin.operations.authorisations import Holder
from chengxin.web.api.limits import Limiter, client_of
from chengxin.web.desk import sign_in as desk
from chengxin.web.my.access import person_page, show

BACKEND = "django.contrib.auth.backends.ModelBackend"
ASKED = "identity-asked"
SIGN_UPS = Limiter(20, 3600)
"""Accounts one address may open in an hour."""


class SignIn(desk.SignIn):
    """The sign-in page of the entrance."""

    template_name = "my/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"identity": identity.offered()}

    def get_default_redirect_url(self) -> str:
        return reverse("my:home")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Open an account; it can do nothing until it has been authorised."""
    if request.user.is_authenticated:
        return redirect("my:home")
    problem = None
    name = request.POST.get("username", "")
    if request.method == "POST":
        try:
            if not SIGN_UPS.take(client_of(request)).allowed:
                raise _too_many()
            user = entrance.sign_up(name=name, password=request.POST.get("password", ""))
        except Refusal as refusal:
            problem = refusal
        else:
            login(request, user, backend=BACKEND)
            return redirect("my:home")
    return render(request, "my/sign_up.html", {"problem": problem, "name": name}, status=422 if problem else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End of the session."""
    logout(request)
    return redirect("my:sign-in")


@never_cache
@require_GET
def to_identity(request: HttpRequest) -> HttpResponse:
    """Send the browser to the identity provider."""
    if not identity.offered():
        return redirect("my:sign-in")
    try:
        asked = identity.begin(_back(request))
    except Refusal as refusal:
        return render(request, "my/identity_failed.html", {"refusal": refusal}, status=502)
    request.session[ASKED] = {"state": asked.state, "nonce": asked.nonce, "verifier": asked.verifier}
    return redirect(asked.url)


@never_cache
@require_GET
def from_identity(request: HttpRequest) -> HttpResponse:
    """Back from the identity provider: what it says is checked before anybody is signed in."""
    asked = request.session.pop(ASKED, None)
    try:
        if asked is None or not asked["state"] or request.GET.get("state") != asked["state"]:
            raise _lost()
        user = identity.finish(
            code=request.GET.get("code", ""), nonce=asked["nonce"], verifier=asked["verifier"], back=_back(request)
        )
    except Refusal as refusal:
        return render(request, "my/identity_failed.html", {"refusal": refusal}, status=403)
    login(request, user, backend=BACKEND)
    return redirect("my:home")


@person_page
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, user: User, holder: Holder | None) -> HttpResponse:
    """The own account: password, sign out."""
    if request.method == "POST" and "email" in request.POST:
        return desk.keep_email(request, user, reverse("my:account"))
    form = PasswordChangeForm(user, request.POST or None) if user.has_usable_password() else None
    if request.method == "POST" and form is not None and form.is_valid():
        form.save()
        logout(request)  # every session ends with the old password, this one too
        return redirect("my:sign-in")
    context = {"form": form, "user_name": user.username, "email": user.email}
    answer = show(request, holder, "my/account.html", context)
    answer.status_code = 422 if form is not None and form.errors else 200
    return answer


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("my:from-identity"))


def _lost() -> Refusal:
    return Refusal(
        "identity.lost",
        Text("登录过程中断，没有登录。", "The sign-in was interrupted; nobody was signed in."),
        remedy=Text("请重新登录。", "Sign in again."),
    )


def _too_many() -> Refusal:
    return Refusal(
        "entrance.too-many",
        Text("本网络地址一小时内注册的账号过多。", "Too many accounts were opened from this address within the hour."),
        remedy=Text("请一小时后再试，或者到窗口办理。", "Try again in an hour, or come to the counter."),
    )
