"""The contract (接口约定) as a file: ``python -m chengxin.web.api.contract`` writes what docs/openapi.json must hold."""

import json
import os
import sys
from typing import Any


def document() -> dict[str, Any]:
    """The OpenAPI document of this version, independent of where the site is served."""
    from chengxin.web.api.rendering import BASE
    from chengxin.web.api.service import api

    plain: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{BASE}/")))
    return plain


def text() -> str:
    """The document as it is committed: sorted keys, two spaces, Chinese as Chinese."""
    return json.dumps(document(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
    import django

    django.setup()
    sys.stdout.write(text())
