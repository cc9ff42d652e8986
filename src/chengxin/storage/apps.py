"""Storage (存储): the one Django app that owns tables."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "chengxin.storage"
    label = "storage"
    default_auto_field = "django.db.models.BigAutoField"
