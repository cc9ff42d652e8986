"""Addresses of the public site (公开网站); ``untranslated`` ones have one form for all languages."""

from django.urls import path, re_path, register_converter

from chengxin.web.site import (
    acknowledgement,
    agencies,
    components,
    data,
    home,
    log,
    notices,
    quality,
    records,
    rules,
    search,
    subjects,
    verify,
    witness,
)

app_name = "site"


class RecordNumber:
    """A record's number (信息编号): 32 hex characters. Anything else gets the same answer as an unknown number."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value


register_converter(RecordNumber, "record")

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("search/suggest", search.suggest, name="suggest"),
    path("subject/<str:code>", subjects.subject, name="subject"),
    path("subject/<str:code>/<slug:item>", subjects.listing, name="subject-item"),
    path("record/<record:id>", records.record, name="record"),
    path("record/<record:id>/proof", records.proof, name="proof"),
    path("verify", verify.verify, name="verify"),
    path("rules/", rules.index, name="rules"),
    path("rules/laws/", rules.laws, name="laws"),
    path("rules/laws/<slug:id>", rules.law, name="law"),
    path("rules/items/<slug:id>", rules.item, name="item"),
    path("rules/terms/<slug:id>", rules.regime, name="regime"),
    path("rules/severity/<slug:id>", rules.standard, name="standard"),
    path("rules/codes/<slug:id>", rules.codelist, name="codelist"),
    path("data", data.data, name="data"),
    path("log", log.log, name="log"),
    path("notices", notices.notices, name="notices"),
    path("agencies", agencies.agencies, name="agencies"),
    path("acknowledge/<str:token>", acknowledgement.acknowledge, name="acknowledge"),
    path("quality", quality.quality, name="quality"),
    path("components/", components.components, name="components"),
]

untranslated = [
    path("verify/verify.py", verify.verify_program, name="verify-program"),
    path("witness/add-checkpoint", witness.add_checkpoint, name="add-checkpoint"),
    path("data/<slug:item>.<slug:form>", data.download, name="download"),
    path("log/checkpoint", log.checkpoint, name="checkpoint"),
    path("log/keys", log.keys, name="log-keys"),
    re_path(r"^log/tile/(?P<level>\d+|entries)/(?P<number>[x0-9/]+?)(?:\.p/(?P<width>\d+))?$", log.tile, name="tile"),
]
