from django.urls import path

from gridloop.capabilities.rooms.views import meetings, resolutions, rooms

app_name = "rooms"
urlpatterns = [
    path("", meetings.meetings, name="meetings"),
    path("cases/<uuid:case_id>/", rooms.room, name="room"),
    path("cases/<uuid:case_id>/open/", rooms.open_room, name="open"),
    path("cases/<uuid:case_id>/say/", rooms.say, name="say"),
    path("cases/<uuid:case_id>/tasks/", rooms.add_task, name="add_task"),
    path("tasks/<uuid:task_id>/done/", rooms.end_task, name="end_task"),
    path("tasks/<uuid:task_id>/dropped/", rooms.drop_task, name="drop_task"),
    path("meetings/new/", meetings.call, name="call"),
    path("meetings/<uuid:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/change/", meetings.change, name="change"),
    path("meetings/<uuid:meeting_id>/cancel/", meetings.cancel, name="cancel"),
    path("meetings/<uuid:meeting_id>/minutes/", meetings.minutes, name="minutes"),
    path("meetings/<uuid:meeting_id>/minutes.<str:kind>", meetings.paper, name="paper"),
    path("meetings/<uuid:meeting_id>/meeting.ics", meetings.calendar, name="calendar"),
    path("meetings/<uuid:meeting_id>/decisions/", resolutions.decide, name="decide"),
    path(
        "meetings/<uuid:meeting_id>/decisions/<uuid:resolution_id>/drop/",
        resolutions.undecide,
        name="undecide",
    ),
    path("meetings/<uuid:meeting_id>/carry-out/", resolutions.carry_out, name="carry_out"),
    path("feed/<str:token>/meetings.ics", meetings.feed, name="feed"),
]
