"""Addresses of the desk (工作台地址)."""

from django.urls import path

from chengxin.web.desk import case, case_new, cases, mending, proof, queue, receipt, sign_in, sources, submissions

app_name = "desk"

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("sign-in", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("account", sign_in.account, name="account"),
    path("submissions/", submissions.submissions, name="submissions"),
    path("submissions/new", submissions.new, name="new"),
    path("submissions/<str:number>", receipt.receipt, name="receipt"),
    path("submissions/<str:number>/proof", proof.proof, name="proof"),
    path("submissions/<str:number>/progress", submissions.running, name="progress"),
    path("submissions/<str:number>/<str:outcome>.xlsx", receipt.rows_workbook, name="workbook"),
    path("submissions/<str:number>/proposals", mending.proposals, name="proposals"),
    path("submissions/<str:number>/rows/<int:row>", mending.one_row, name="row"),
    path("submissions/<str:number>/rows/<int:row>/check", mending.check_row, name="check"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<str:code>", sources.source, name="source"),
    path("cases/", cases.cases, name="cases"),
    path("cases/new", case_new.new, name="case-new"),
    path("cases/figures", cases.figures, name="case-figures"),
    path("cases/<str:number>", case.case, name="case"),
    path("cases/<str:number>/papers", case.papers, name="case-papers"),
    path("cases/<str:number>/papers/<int:paper>", case.paper, name="case-paper"),
    path("cases/<str:number>/<str:step>", case.step, name="case-step"),
]
