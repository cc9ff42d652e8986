"""Submissions (报送): the list of files handed in, handing in a new one, and watching it run."""

from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import progress, receipts, registry, rulebook, uploads
from chengxin.operations.accounts import Principal
from chengxin.records.model import SUBJECT_BASE
from chengxin.storage.models import Submission
from chengxin.web.desk.access import desk_page, own_submission, show, wants_fragment
from chengxin.web.desk.upload_handler import REFUSED

WAITING = ("arriving", "received", "running")


@desk_page
@require_safe
def submissions(request: HttpRequest, who: Principal) -> HttpResponse:
    """Files handed in, newest first, fifty a page."""
    found = receipts.listing(source=who.scope, before=request.GET.get("before"), limit=receipts.PAGE + 1)
    shown = found[: receipts.PAGE]
    waiting = receipts.open_counts(shown)
    lines = [
        {"submission": each, "item": item_title(each.item), "open": waiting[each.id], "running": each.state in WAITING}
        for each in shown
    ]
    more = shown[-1].id if len(found) > receipts.PAGE else ""
    return show(request, who, "desk/submissions.html", {"lines": lines, "more": more})


@desk_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, who: Principal) -> HttpResponse:
    """Hand in a file: which item, which file, and how its columns are to be read."""
    form = _Form(request, who)
    if request.method == "POST" and not form.problems:
        try:
            number = form.hand_in()
        except Refusal as refusal:
            form.problems["file"] = refusal
        else:
            return redirect("desk:receipt", number)
    return show(request, who, "desk/new.html", {"form": form}, status=422 if form.problems else 200)


@desk_page
@require_safe
def running(request: HttpRequest, who: Principal, number: str) -> HttpResponse:
    """How far a submission is, asked every second by the page; when it is over the page goes on by itself."""
    found = own_submission(who, number)
    address = reverse("desk:receipt", args=[number])
    if found.state not in WAITING:
        return HttpResponse(headers={"HX-Redirect": address}) if wants_fragment(request) else redirect(address)
    if not wants_fragment(request):
        return redirect(address)
    return render(request, "desk/_progress.html", progress_of(found))


def progress_of(found: Submission) -> dict[str, object]:
    """What the progress part of the page shows; ``ahead`` is how many files are run before this one."""
    at = progress.read(found.id)
    queue = Submission.objects.filter(state__in=WAITING, received_at__lt=found.received_at)
    ahead = queue.count() if found.state != "running" else 0
    return {"submission": found, "at": at, "ahead": ahead}


def item_title(item: str) -> Text:
    found = rulebook.catalogue().items.get(item)
    return found.title if found else Text(item, item)


class _Form:
    """The fields of the upload page, with what is wrong with them by field id."""

    def __init__(self, request: HttpRequest, who: Principal) -> None:
        self.request, self.who = request, who
        self.posted = request.method == "POST"
        given = request.POST if self.posted else request.GET
        self.parent = str(given.get("parent", ""))
        # the parent's item counts, also when the address was put together by hand
        parent = own_submission(who, self.parent) if self.parent else None
        self.item = parent.item if parent else str(given.get("item", ""))
        self.source = parent.source if parent else None
        self.mapping = str(given.get("mapping", ""))
        self.sheet = str(given.get("sheet", "")).strip()
        self.problems: dict[str, Refusal] = {}
        if self.posted:
            self._check()

    @property
    def items(self) -> list[dict[str, Any]]:
        known = rulebook.catalogue().items.values()
        # the subject base is the affair of the centre and of the offices that assign codes
        base = self.who.sees_all or registry.assigns(self.who.source)
        offered = [item for item in known if item.id not in SUBJECT_BASE or base]
        return [{"id": item.id, "title": item.title, "checked": item.id == self.item} for item in offered]

    @property
    def item_name(self) -> Text:
        return item_title(self.item)

    @property
    def mappings(self) -> list[dict[str, Any]]:
        return [{"name": path.stem, "chosen": path.stem == self.mapping} for path in uploads.mappings()]

    @property
    def days(self) -> int:
        """How long the file is kept."""
        return int(settings.UPLOAD_DAYS)

    @property
    def endings(self) -> str:
        return ",".join(uploads.ENDINGS)

    def hand_in(self) -> str:
        """Put the file into the queue; returns its receipt number."""
        file = cast("UploadedFile[Any]", self.request.FILES["file"])
        chosen: dict[str, Path] = {path.stem: path for path in uploads.mappings()}
        return uploads.receive(
            stored=uploads.stored_of(file),
            file_name=file.name or "",
            item=self.item,
            source=self.source.code if self.source else self.who.source,
            by=self.who.user,
            mapping=str(chosen[self.mapping]) if self.mapping else "",
            sheet=self.sheet,
            parent=self.parent or None,
        ).id

    def _check(self) -> None:
        # in the order of the page, which is that of the summary above it
        if self.item not in {item["id"] for item in self.items}:
            self.problems["item"] = Refusal("upload.item", Text("请选择报送事项。", "Choose what the file holds."))
        if refused := getattr(self.request, REFUSED, None):
            self.problems["file"] = refused
        elif not self.request.FILES.get("file"):
            self.problems["file"] = Refusal("upload.none", Text("请选择要上传的文件。", "Choose the file to upload."))
        if self.mapping and self.mapping not in {path.stem for path in uploads.mappings()}:
            self.problems["mapping"] = Refusal(
                "upload.mapping", Text("没有这个对照表，请重新选择。", "There is no such mapping; choose again.")
            )
