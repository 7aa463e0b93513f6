from django.urls import path

from gridloop.capabilities.incidents.views import answering, command, ending, plans, resources

app_name = "incidents"
urlpatterns = [
    path("", command.home, name="home"),
    path("new/", command.open_page, name="open"),
    path("<uuid:incident_id>/", command.board_page, name="board"),
    path("<uuid:incident_id>/call/", command.call, name="call"),
    path("<uuid:incident_id>/plan/", command.follow, name="follow"),
    path("<uuid:incident_id>/level/", command.level, name="level"),
    path("<uuid:incident_id>/note/", command.note, name="note"),
    path("<uuid:incident_id>/asks/<int:ask_id>/", command.meet, name="meet"),
    path("<uuid:incident_id>/close/", ending.close, name="close"),
    path("<uuid:incident_id>/tasks/<int:task_id>/", ending.finish_task, name="finish_task"),
    path("<uuid:incident_id>/report.docx", ending.report_file, name="report"),
    path("steps/<int:step_id>/", command.tick, name="tick"),
    path("files/<uuid:file_id>/", command.file, name="file"),
    path("calls/", answering.calls, name="calls"),
    path("calls/<uuid:call_id>/", answering.answer, name="answer"),
    path("calls/<uuid:call_id>/contact/", command.contact, name="contact"),
    path("calls/<uuid:call_id>/<slug:act>/", command.steer, name="steer"),
    path("a/<slug:code>/", answering.by_code, name="by_code"),
    path("resources/", resources.resource_list, name="resource_list"),
    path("resources/new/", resources.resource, name="add_resource"),
    path("resources/import/", resources.import_page, name="import"),
    path("resources/export.xlsx", resources.export, name="export"),
    path("resources/map.geojson", resources.resources, name="resource_map"),
    path("resources/<int:resource_id>/", resources.resource, name="resource"),
    path("resources/<int:resource_id>/contact/", resources.resource_contact, name="resource_contact"),
    path("resources.geojson", resources.resources, name="resources"),
    path("settings/", resources.settings_page, name="settings"),
    path("plans/", plans.plan_list, name="plans"),
    path("plans/new/", plans.plan, name="add_plan"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("plans/<int:plan_id>/documents/<slug:sha256>/", plans.document, name="document"),
]
