"""WSGI entry (服务入口): what the web server calls."""

import multiprocessing
import os

from django.core.wsgi import get_wsgi_application

from chengxin.web.lifeline import end_with

if (parent := multiprocessing.parent_process()) and parent.pid:
    end_with(parent.pid)  # a worker of ``chengxin serve``; a server of another kind sees to its own

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
application = get_wsgi_application()

from chengxin.web import assets  # noqa: E402  settings must be loaded first

if not assets.collected():
    assets.collect()
