"""Sign-in (登录): name and password, locked for a while after repeated failures, and the account page."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chengxin.operations import persons
from chengxin.operations.accounts import ROLES, Principal
from chengxin.web.context import site
from chengxin.web.desk.access import desk_page, show


class SignInForm(AuthenticationForm):
    """User name and password; says what failed without saying which of the two was wrong."""

    def get_invalid_login_error(self) -> Any:
        return ValidationError(_("用户名或密码不对。请检查大小写后再试。"), code="invalid_login")


@method_decorator(never_cache, name="dispatch")
class SignIn(LoginView):
    """The sign-in page of the desk; who is signed in already goes on to the queue."""

    template_name = "registration/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Django's view puts its own idea of a site under the name our pages use for theirs
        return super().get_context_data(**kwargs) | site(self.request)

    def get_default_redirect_url(self) -> str:
        return reverse("desk:queue")

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any) -> HttpResponse:
    """Too many failures from here under this name: says how long to wait and what to do."""
    return render(request, "registration/locked_out.html", status=429)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End of the session."""
    logout(request)
    return redirect("desk:sign-in")


@desk_page
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, who: Principal) -> HttpResponse:
    """The own account: source, role, password, sign out."""
    user = cast("User", request.user)
    if request.method == "POST" and "email" in request.POST:
        return keep_email(request, user, reverse("desk:account"))
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        logout(request)  # every session ends with the old password, this one too
        return redirect("desk:sign-in")
    fields = [
        ("old_password", _("现在的密码"), "current-password"),
        ("new_password1", _("新密码"), "new-password"),
        ("new_password2", _("再输入一次新密码"), "new-password"),
    ]
    context = {
        "role": ROLES[who.role],
        "email": user.email,
        "fields": [
            {"id": f"id_{name}", "name": name, "label": label, "auto": auto, "errors": form.errors.get(name, [])}
            for name, label, auto in fields
        ],
        "failed": bool(form.errors),
    }
    return show(request, who, "desk/account.html", context, status=422 if form.errors else 200)


def keep_email(request: HttpRequest, user: User, back: str) -> HttpResponse:
    """Write down where reminders of the signed-in person go. Raises Refusal ``account.email``."""
    persons.bind(user, email=request.POST["email"])
    messages.success(request, _("已保存。"))
    return redirect(back)
