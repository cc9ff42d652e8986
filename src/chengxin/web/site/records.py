"""Record page (信息页): one decision, who took it, on what basis, how long it is public and why, and its check."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.operations import lookup, own, proofs, rulebook
from chengxin.records.model import Record
from chengxin.resolution import linking
from chengxin.storage.models import Source
from chengxin.web.site import answers, present, windows


@require_safe
def record(request: HttpRequest, id: str) -> HttpResponse:
    """One public record; every other number gets the same 404."""
    found, catalogue, day = _found(id), rulebook.catalogue(), today()
    item = catalogue.items[found.item]
    reason = windows.term_reason(found, catalogue)
    first, rest = present.record_facts(found, item)
    reason_basis = [present.cited(basis, catalogue) for basis in reason.basis] if reason else []
    names = dict(Source.objects.filter(code__in={v.by for v in found.versions}).values_list("code", "name"))
    context = {
        "record": found,
        "item": item,
        "title": present.title(found, item),
        "subject": lookup.subject(found.subject),
        "tags": present.tags(found, item),
        "way": linking.WAYS.get(found.linked),
        "facts": first,
        "rest": rest,
        "basis": [present.cited(basis, catalogue) for basis in item.basis],
        "steps": windows.steps(found, catalogue, day),
        "severity": present.severity_reason(found, catalogue),
        "reason": reason,
        "reason_basis": reason_basis,
        "reason_marked": any(not one.confirmed for one in reason_basis),
        "regime": catalogue.regimes.get(found.window.regime) if found.window else None,
        "commitment": own.commitment(found.id) if item.adverse else None,
        "verification": proofs.check(found),
        "verify_address": f"{settings.SITE_URL}{reverse('site:verify')}?number={found.id}",
        "versions": [
            {"at": version.at, "by": names.get(version.by, version.by), "first": place == 0, "batch": version.batch}
            for place, version in enumerate(found.versions)
        ][::-1],
    }
    return answers.fresh(request, "site/record.html", context)


@require_safe
def proof(request: HttpRequest, id: str) -> HttpResponse:
    """The proof of a public record as a file."""
    found = _found(id)
    try:
        file = proofs.of_record(found)
    except (Refusal, ValueError):
        raise Http404 from None
    return answers.proof(file, found.id)


def _found(id: str) -> Record:
    found = lookup.record(id, on=today())
    if found is None:
        raise Http404
    return found
