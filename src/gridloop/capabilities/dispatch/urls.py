from django.urls import path

from gridloop.capabilities.dispatch.views import batches, limits, queue

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
    path("limits/", limits.limits, name="limits"),
]
