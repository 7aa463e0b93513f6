from django.urls import path

from gridloop.capabilities.oversight.views import burden, desk, rules, samples, slips, times

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
    path("times/", times.times, name="times"),
    path("times/<uuid:case_id>/", times.decide, name="decide"),
    path("samples/", samples.samples, name="samples"),
    path("samples/<int:sample_id>/", samples.sample, name="sample"),
    path("samples/<int:sample_id>/<str:step>/", samples.judge, name="judge"),
    path("draws/<int:draw_id>/", samples.draw, name="draw"),
    path("rules/", rules.rules, name="rules"),
    path("rules/steps/<int:step_id>/drop/", rules.drop_step, name="drop_step"),
    path("rules/samples/<int:rule_id>/", rules.sample_rule, name="sample_rule"),
    path("burden/", burden.burden, name="burden"),
    path("burden/exemptions/<int:exemption_id>/end/", burden.end_exemption, name="end_exemption"),
    path("cases/<uuid:case_id>/slips/", slips.new_slip, name="new_slip"),
]
