from django.urls import path

from gridloop.faces.desk.views import case, intake, lists

app_name = "desk"
urlpatterns = [
    path("", lists.inbox, name="inbox"),
    path("search/", lists.search_case, name="search"),
    path("cases/", lists.cases, name="cases"),
    path("cases/export.<str:kind>", lists.export, name="export"),
    path("cases/new/", intake.report, name="report"),
    path("cases/new/suggest/", intake.suggest, name="suggest"),
    path("cases/new/place/", intake.place, name="place"),
    path("cases/<uuid:case_id>/", case.case, name="case"),
    path("cases/<uuid:case_id>/reporter/", case.reporter, name="reporter"),
    path("cases/<uuid:case_id>/<str:verb>/", case.act, name="act"),
    path("files/<uuid:attachment_id>/", case.attachment, name="attachment"),
    path("filters/", lists.save_filter, name="save_filter"),
    path("filters/<int:filter_id>/drop/", lists.drop_filter, name="drop_filter"),
]
