from django.urls import path

from gridloop.core.org.access import SIGNED_IN
from gridloop.faces.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("cases/", views.cases, name="cases"),
    path("cases/new/", views.report, name="report"),
    path("cases/<uuid:case_id>/", views.case, name="case"),
    path("cases/<uuid:case_id>/reporter/", views.reporter, name="reporter"),
    path("cases/<uuid:case_id>/<str:verb>/", views.act, name="act"),
    path("files/<uuid:attachment_id>/", views.attachment, name="attachment"),
    path("filters/", views.save_filter, name="save_filter"),
    path("filters/<int:filter_id>/drop/", views.drop_filter, name="drop_filter"),
]
# The verb's own permission is asked for by its action; the page asks for that of seeing cases.
ACCESS = {
    "desk:inbox": "case.view",
    "desk:cases": "case.view",
    "desk:report": "case.report",
    "desk:case": "case.view",
    "desk:reporter": "case.reveal_reporter",
    "desk:act": "case.view",
    "desk:attachment": "case.view",
    "desk:save_filter": SIGNED_IN,
    "desk:drop_filter": SIGNED_IN,
}
