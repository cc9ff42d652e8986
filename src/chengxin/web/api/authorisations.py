"""Authorisations (授权) in the API: the credit centre's own systems list, grant, refuse and revoke them."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from chengxin.kernel.refusal import Refusal
from chengxin.operations import accounts, authorisations
from chengxin.operations.accounts import Principal
from chengxin.web.api.access import SourceToken, source_of
from chengxin.web.api.problems import not_found
from chengxin.web.api.rendering import answer
from chengxin.web.api.shapes import PLAIN, Problem
from chengxin.web.api.submissions import PRIVATE

router = Router(tags=["authorisations 授权"])
T = TypeVar("T")
_ERRORS = {401: Problem, 404: Problem, 422: Problem, 429: Problem}


class AuthorisationShape(Schema):
    """Who acts for an organisation (授权): for what, until when, who checked it."""

    id: int
    subject: str
    account: str
    person: str = Field(description="被授权人，授权委托书所载 / who the letter names")
    scope: list[str] = Field(description="see, apply, manage")
    way: str = Field(description="letter, identity")
    state: str = Field(description="waiting, holds, refused, ended, over")
    asked_at: str
    until: date
    decided_at: str | None
    decided_by: str
    reason: str
    ended_at: str | None
    ended_by: str
    end_reason: str


class AuthorisationList(Schema):
    """Authorisations of an organisation, the latest first, or letters that wait, the oldest first."""

    authorisations: list[AuthorisationShape]


class GivenReason(Schema):
    """Why (理由): told to whoever asked for it."""

    reason: str = Field(pattern=PLAIN, max_length=500)


@router.get(
    "/authorisations",
    response={200: AuthorisationList, **_ERRORS},
    operation_id="list_authorisations",
    auth=SourceToken(),
)
def list_authorisations(
    request: HttpRequest,
    subject: Annotated[str, Query(pattern=PLAIN, max_length=64, description="统一社会信用代码，空为待核对的全部")] = "",
) -> HttpResponse:
    """Authorisations (授权) of an organisation; without a code the letters that wait. With a token of the credit centre."""
    found = authorisations.listed(who=_centre(request), code=subject)
    return answer({"authorisations": [authorisations.plain(row) for row in found]}, headers=PRIVATE)


@router.get(
    "/authorisations/{id}/letter",
    response={200: None, **_ERRORS},
    operation_id="get_authorisation_letter",
    auth=SourceToken(),
)
def get_letter(request: HttpRequest, id: int) -> HttpResponse:
    """The letter of authorisation (授权委托书) as it was handed in."""
    found = _asked(lambda: authorisations.letter(id=id, who=_centre(request)))
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="authorisation-{id}"'}
    return HttpResponse(found.data, content_type=found.media_type, headers=headers)


@router.post(
    "/authorisations/{id}/grant",
    response={200: AuthorisationShape, **_ERRORS},
    operation_id="grant_authorisation",
    auth=SourceToken(),
)
def grant(request: HttpRequest, id: int) -> HttpResponse:
    """Grant (准予): the letter was checked and agrees."""
    row = _asked(lambda: authorisations.decide(id=id, grant=True, who=_centre(request)))
    return answer(authorisations.plain(row), headers=PRIVATE)


@router.post(
    "/authorisations/{id}/refuse",
    response={200: AuthorisationShape, **_ERRORS},
    operation_id="refuse_authorisation",
    auth=SourceToken(),
)
def refuse(request: HttpRequest, id: int, said: GivenReason) -> HttpResponse:
    """Refuse (退回) a letter, with the reason."""
    row = _asked(lambda: authorisations.decide(id=id, grant=False, who=_centre(request), reason=said.reason))
    return answer(authorisations.plain(row), headers=PRIVATE)


@router.post(
    "/authorisations/{id}/revoke",
    response={200: AuthorisationShape, **_ERRORS},
    operation_id="revoke_authorisation",
    auth=SourceToken(),
)
def revoke(request: HttpRequest, id: int, said: GivenReason) -> HttpResponse:
    """Revoke (撤销) an authorisation: it ends with the answer."""
    who = _centre(request)
    _asked(lambda: authorisations.revoke(id=id, by=who, reason=said.reason))
    return answer(authorisations.plain(authorisations.checked(id=id, who=who)), headers=PRIVATE)


def _centre(request: HttpRequest) -> Principal:
    """Who asks, if its token is the credit centre's; nobody else learns that there is anything here."""
    source = source_of(request)
    if not accounts.is_centre(source):
        raise not_found()
    return Principal(f"api:{source}", source, source, accounts.OFFICER)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    except Refusal as refusal:
        if refusal.rule == "authorisation.unknown":
            raise not_found() from None
        raise
