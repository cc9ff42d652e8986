"""Addresses (网址): Chinese at /, English mirrored under /en, the API outside of both."""

from importlib.util import find_spec

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path

from chengxin.web import assets
from chengxin.web.site import errors
from chengxin.web.site import urls as site

_pages: list[URLPattern | URLResolver] = []
if find_spec("chengxin.web.desk.urls"):
    _pages.append(path("desk/", include("chengxin.web.desk.urls")))
_pages.append(path("my/", include("chengxin.web.my.urls")))
_pages.append(path("", include(site)))

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^static/(?P<path>.+)$", assets.static_file),
    *site.untranslated,
]
if find_spec("chengxin.web.api.urls"):
    urlpatterns.append(path("api/v1/", include("chengxin.web.api.urls")))
urlpatterns.append(path("", include("chengxin.web.reconcile.urls")))
urlpatterns += i18n_patterns(*_pages, prefix_default_language=False)

handler404 = errors.not_found
handler500 = errors.broken
handler403 = errors.forbidden
handler400 = errors.bad_request

assert settings.STATIC_URL == "/static/"
