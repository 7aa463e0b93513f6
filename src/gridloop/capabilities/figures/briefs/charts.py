"""The charts of a brief as PNG, in the town's own language."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gridloop.base.common.documents import chart_font

BLUE, GREEN, GREY = "#3d76cf", "#2f9e6e", "#c3ccd9"
DPI = 160


def trend(facts: Mapping[str, Any]) -> bytes:
    """
    Draw what was reported and closed on each of the last days.

    :raises NoChineseFont: no font to write with.
    """
    rows = facts["trend"]
    days = [date.fromisoformat(row[0]) for row in rows]
    with rc_context(_style()):
        figure = Figure(figsize=(7.2, 2.8), layout="constrained")
        axes = figure.subplots()
        for column, name, colour in ((1, _("上报"), BLUE), (2, _("办结"), GREEN)):
            axes.plot(range(len(rows)), [row[column] for row in rows], label=name, color=colour, linewidth=2)
        every = max(1, len(days) // 8)
        axes.set_xticks(range(0, len(days), every), [f"{d.month}-{d.day}" for d in days[::every]])
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", color="#e6eaf0")
        axes.legend(loc="upper left", frameon=False, ncols=2)
        return _png(figure)


def categories(facts: Mapping[str, Any]) -> bytes:
    """Draw the main categories with their number before. :raises NoChineseFont: no font to write with."""
    rows = facts["categories"][::-1]
    with rc_context(_style()):
        figure = Figure(figsize=(7.2, 0.42 * len(rows) + 0.9), layout="constrained")
        axes = figure.subplots()
        places = range(len(rows))
        axes.barh([p - 0.2 for p in places], [r[2] for r in rows], height=0.36, color=GREY, label=_("上期"))
        bars = axes.barh(
            [p + 0.2 for p in places], [r[1] for r in rows], height=0.36, color=BLUE, label=_("本期")
        )
        axes.bar_label(bars, padding=3, fontsize=8)
        axes.set_yticks(list(places), [r[0] for r in rows])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(loc="lower right", frameon=False)
        return _png(figure)


def _style() -> Any:
    return {
        "font.family": [chart_font()],
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#8a94a6",
        "axes.unicode_minus": False,
    }


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI)
    return file.getvalue()
