"""Acknowledgement page (变动确认): a recipient without a system of its own confirms here what a mail told it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chengxin.kernel.refusal import Refusal
from chengxin.operations import notifications, webhooks


@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """What the mail spoke of and is still open; confirmed all at once. The link is the key: the page names no subject."""
    try:
        found = webhooks.of_mail(token)
    except Refusal as expired:
        return _closed(render(request, "site/acknowledge_expired.html", {"refusal": expired}, status=410))
    if found is None:
        raise Http404
    recipient, until = found
    waiting = notifications.waiting(recipient, until=until)
    if request.method == "POST":
        done = notifications.acknowledge(recipient, [each.entry for each in waiting], by="page")
        messages.info(request, _("已确认 %(n)s 条。") % {"n": done})
        return redirect(request.get_full_path())
    return _closed(render(request, "site/acknowledge.html", {"recipient": recipient, "waiting": waiting}))


def _closed(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
