"""Addresses of the entrance (办事入口地址)."""

from django.urls import path

from chengxin.web.my import authorisation, case, case_new, certificate, home, records, sign_in

app_name = "my"

urlpatterns = [
    path("", home.home, name="home"),
    path("act-for", home.act_for, name="act-for"),
    path("sign-in", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-up", sign_in.sign_up, name="sign-up"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("identity", sign_in.to_identity, name="identity"),
    path("identity/back", sign_in.from_identity, name="from-identity"),
    path("account", sign_in.account, name="account"),
    path("authorisations/", authorisation.listing, name="authorisations"),
    path("authorisations/new", authorisation.new, name="authorisation-new"),
    path("authorisations/<int:id>/revoke", authorisation.revoke, name="authorisation-revoke"),
    path("record/", records.listing, name="records"),
    path("record/<str:id>", records.record, name="record"),
    path("record/<str:id>/certificate", certificate.certificate, name="certificate"),
    path("record/<str:id>/certificate.json", certificate.file, name="certificate-file"),
    path("cases/", case.listing, name="cases"),
    path("cases/new/<slug:kind>", case_new.new, name="case-new"),
    path("cases/<str:number>", case.case, name="case"),
    path("cases/<str:number>/papers", case.papers, name="case-papers"),
    path("cases/<str:number>/papers/<int:paper>", case.paper, name="case-paper"),
    path("cases/<str:number>/<str:step>", case.step, name="case-step"),
]
