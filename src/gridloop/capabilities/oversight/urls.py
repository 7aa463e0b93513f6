from django.urls import path

from gridloop.capabilities.oversight.views import desk, slips

app_name = "oversight"
urlpatterns = [
    path("", desk.watched, name="watched"),
    path("unheard/", desk.unheard, name="unheard"),
    path("problems/", desk.problems, name="problems"),
    path("reminders/", desk.remind, name="remind"),
    path("slips/", slips.slips, name="slips"),
    path("slips/<int:slip_id>/", slips.slip, name="slip"),
    path("slips/<int:slip_id>/word/", slips.slip_word, name="slip_word"),
    path("slips/<int:slip_id>/<str:step>/", slips.move_slip, name="move_slip"),
    path("cases/<uuid:case_id>/slips/", slips.new_slip, name="new_slip"),
]
