"""Access (接口认证): a source shows its token, a recipient its key, as ``Authorization: Bearer …``."""

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from chengxin.operations import recipients, tokens
from chengxin.storage.models import Recipient


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


class RecipientKey(HttpBearer):
    """Key of a recipient (接收单位密钥)."""

    def authenticate(self, request: HttpRequest, token: str) -> Recipient | None:
        return recipients.reader(key=token, now=datetime.now(UTC))


def recipient_of(request: HttpRequest) -> Recipient:
    """The recipient whose key came with the request (behind RecipientKey only)."""
    found = getattr(request, "auth", None)
    if not isinstance(found, Recipient):
        raise TypeError("recipient_of needs a route behind RecipientKey")
    return found


def reader_of(request: HttpRequest) -> Recipient | None:
    """Who reads at a door that is open to all: None for everybody without a key.

    Raises AuthenticationError for a key that is none: answered as anonymous, what is read would go unrecorded.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return None
    found = recipients.reader(key=key.strip(), now=datetime.now(UTC)) if scheme.lower() == "bearer" else None
    if found is None:
        raise AuthenticationError
    return found


def headers_for(reader: Recipient | None) -> dict[str, str] | None:
    """An answer to somebody with a key is for nobody else."""
    return {"Cache-Control": "private, no-cache", "Vary": "Authorization"} if reader else None
