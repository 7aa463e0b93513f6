"""The work calendar of the demo: every year that its cases touch."""

from datetime import date

from gridloop.core.org import actions as org
from gridloop.core.org.actions.calendar import ScheduleNotAnnounced

SOURCE = "演示推定：国务院办公厅通知尚未公布"
LOOK_AHEAD_FROM = 10  # month: from then on deadlines reach into the next year


def fill(first: date, today: date) -> None:
    """
    Fill the years from `first` to `today`, and towards the end of a year the next one.

    A year that is not announced is presumed, with the one holiday whose day is fixed, and says so in each
    row: a visitor could otherwise not dispatch anything in December. A town of its own is told by `doctor`.
    """
    last = today.year + (today.month >= LOOK_AHEAD_FROM)
    for year in range(first.year, last + 1):
        try:
            org.fill_calendar(year)
        except ScheduleNotAnnounced:
            new_year = {"name": "元旦", "date": f"{year}-01-01", "isOffDay": True}
            org.import_calendar({"year": year, "days": [new_year]}, source=SOURCE)
