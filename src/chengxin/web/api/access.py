"""Access (接口认证): a source shows its token as ``Authorization: Bearer …``; the answer is the source's code."""

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja.security import HttpBearer

from chengxin.operations import tokens


class SourceToken(HttpBearer):
    """API token of a source (报送单位的接口令牌)."""

    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        return tokens.check(token=token, now=datetime.now(UTC))


def source_of(request: HttpRequest) -> str:
    """The code of the source whose token came with the request (behind SourceToken only)."""
    code = getattr(request, "auth", None)
    if not isinstance(code, str):
        raise TypeError("source_of needs a route behind SourceToken")
    return code
