"""Static files (静态文件): hashed names, so that a browser may keep a file for ever and never shows an old one."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.http import HttpRequest, HttpResponseBase
from django.views.static import serve

FOR_EVER = "public, max-age=31536000, immutable"
SOURCE = Path(__file__).parent / "static"


class Assets(ManifestStaticFilesStorage):
    """Names carry a digest of the content. Before files are collected (single tests) plain names are used."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name


def collect() -> None:
    """Copy all static files with their hashed names to ``STATIC_ROOT``; cheap to repeat."""
    call_command("collectstatic", interactive=False, verbosity=0)


def collected() -> bool:
    """Whether ``STATIC_ROOT`` holds a manifest that is no older than the files in the package."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    newest = max(path.stat().st_mtime for path in SOURCE.rglob("*") if path.is_file())
    return manifest.stat().st_mtime >= newest


def static_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve one collected file; a web server in front may do this instead."""
    answer = serve(request, path, document_root=str(settings.STATIC_ROOT))
    answer["Cache-Control"] = FOR_EVER
    return answer
