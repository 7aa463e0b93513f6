from django.urls import path

from gridloop.capabilities.dispatch.views import automatic, batches, limits, queue, rules, trials

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
    path("dry-runs/", trials.dry_runs, name="dry_runs"),
    path("dry-runs/rule/", trials.try_rule, name="try_rule"),
    path("dry-runs/<int:dry_run_id>/", trials.dry_run, name="dry_run"),
    path("dry-runs/<int:dry_run_id>/export.xlsx", trials.export, name="export_dry_run"),
    path("automatic/", automatic.automatic, name="automatic"),
    path("limits/", limits.limits, name="limits"),
]
