from django.urls import path

from gridloop.capabilities.dispatch.views import batches, limits, queue, rules

app_name = "dispatch"
urlpatterns = [
    path("", queue.home, name="queue"),
    path("points.geojson", queue.points, name="points"),
    path("preview/", queue.preview, name="preview"),
    path("batches/", batches.history, name="batches"),
    path("batches/<int:batch_id>/", batches.batch, name="batch"),
    path("batches/<int:batch_id>/confirm/", batches.confirm, name="confirm"),
    path("batches/<int:batch_id>/undo/", batches.undo, name="undo"),
    path("batches/<int:batch_id>/<uuid:case_id>/", batches.item, name="item"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.add, name="add_rule"),
    path("rules/<int:rule_id>/", rules.amend, name="rule"),
    path("rules/<int:rule_id>/move/", rules.move, name="move_rule"),
    path("rules/<int:rule_id>/switch/", rules.switch, name="switch_rule"),
    path("limits/", limits.limits, name="limits"),
]
