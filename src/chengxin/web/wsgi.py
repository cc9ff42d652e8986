"""WSGI entry (服务入口): what the web server calls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
application = get_wsgi_application()

from chengxin.web import assets  # noqa: E402  settings must be loaded first

if not assets.collected():
    assets.collect()
