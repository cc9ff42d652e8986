"""Addresses (地址) of the reconciliation service, behind the same door as the API: rate limit, ETag, problems."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from chengxin.web.api.door import View, door
from chengxin.web.api.limits import limiter
from chengxin.web.reconcile import service

_LIMITER = limiter()
app_name = "reconcile"


def _open(view: View) -> View:
    return csrf_exempt(door(view, _LIMITER))


urlpatterns = [
    path("reconcile", _open(service.service), name="service"),
    path("reconcile/suggest/entity", _open(service.suggest_entity)),
    path("reconcile/suggest/property", _open(service.suggest_property)),
    path("reconcile/suggest/type", _open(service.suggest_type)),
    path("reconcile/properties", _open(service.propose)),
    path("reconcile/preview/<str:code>", _open(service.preview), name="preview"),
]
