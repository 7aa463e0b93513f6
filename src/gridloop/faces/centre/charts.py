"""Options of ECharts and, for whoever does not see them, the same as rows of a table."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gridloop.faces.centre.analysis import Day

BLUE, GREEN = "#3d76cf", "#2f9e6e"
WEEK = 7
_GRID = {"left": 8, "right": 16, "top": 32, "bottom": 4, "containLabel": True}


def trend_chart(days: Sequence[Day]) -> dict[str, Any]:
    """Return reported and closed day by day, and where there are weeks of it the mean of each week so far."""
    lines = {_("上报"): [day.reported for day in days], _("办结"): [day.closed for day in days]}
    series = [
        {"id": f"day-{n}", "type": "line", "name": name, "data": values, **_look(len(days))}
        for n, (name, values) in enumerate(lines.items())
    ]
    if len(days) > WEEK:
        mean = _means([day.reported for day in days])
        dashed = {"width": 2, "type": "dashed", "color": "#8a94a6"}
        series.append(
            {
                "id": "mean",
                "type": "line",
                "name": _("上报7日均值"),
                "data": mean,
                "showSymbol": False,
                "lineStyle": dashed,
                "itemStyle": {"color": dashed["color"]},
            }
        )
    return {
        "color": [BLUE, GREEN],
        "legend": {"top": 0},
        "grid": _GRID,
        "xAxis": {"id": "x", "type": "category", "data": [date_format(day.day, "n-j") for day in days]},
        "yAxis": {"id": "y", "type": "value", "minInterval": 1},
        "series": series,
    }


def trend_table(days: Sequence[Day]) -> list[list[Any]]:
    """Return the days as rows under a heading, the latest first."""
    rows = [[date_format(day.day, "Y-m-d"), day.reported, day.closed] for day in reversed(days)]
    return [[_("日期"), _("上报"), _("办结")], *rows]


def _look(count: int) -> dict[str, Any]:
    return {"showSymbol": False, "lineStyle": {"width": 3 if count <= 31 else 2}}


def _means(values: Sequence[int]) -> list[float | None]:
    """Return the mean of the last seven values at each place; None before there are seven."""
    full = range(WEEK, len(values) + 1)
    return [None] * (WEEK - 1) + [round(sum(values[end - WEEK : end]) / WEEK, 1) for end in full]
