"""The web door (网站): public site, desk and API. It owns no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, static files, translations and template tags of the web door."""

    name = "chengxin.web"
    label = "web"
