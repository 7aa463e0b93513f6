"""What the screen's map is told: where its layers come from, which are on, and the words it says."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from gridloop.base.shell.context import url_or_blank

ON = {"duty": ["cells", "grids"], "analysis": ["cells", "heat"], "incident": ["resources", "venues"]}


def screen_map(mode: str, board: dict[str, Any]) -> dict[str, Any]:
    """Return the map of a mode; visitors' is told of nothing but masked squares and the ground."""
    return _visit_map() if mode == "visit" else _full_map(mode, board)


def _full_map(mode: str, board: dict[str, Any]) -> dict[str, Any]:
    cases = url_or_blank("desk:cases")
    told = {
        **_ground(),
        "cells": url_or_blank("centre:cells"),
        "cases": url_or_blank("centre:cases"),
        "played": url_or_blank("centre:played"),
        "list": cases,
        "places": _places(),
        "on": ON[mode],
        **_focus(board),
    }
    title = _("现场与附近力量") if mode == "incident" else _("案件、单位与力量分布")
    return {"title": title, "list_url": f"{cases}?state=open", "told": told}


def _focus(board: dict[str, Any]) -> dict[str, Any]:
    """Return the place to which the map of an emergency goes, with who was called to it."""
    found = board.get("emergency")
    if found is None or found.board is None:
        return {}
    incident = found.board.incident
    focus = {"lon": incident.lon, "lat": incident.lat, "title": incident.title, "url": found.url}
    return {"focus": focus}


def _visit_map() -> dict[str, Any]:
    told = {**_ground(), "cells": url_or_blank("centre:masked"), "masked": True, "on": ["heat", "cells"]}
    return {"title": _("在办案件分布（模糊）"), "list_url": "", "told": told}


def _ground() -> dict[str, Any]:
    regions = url_or_blank("org:regions")
    return {
        "regions": regions,
        "grids": f"{regions}?{urlencode({'level': 'grid'})}" if regions else "",
        "base": settings.CENTRE_BASE_MAP,
        "words": _words(),
    }


def _places() -> dict[str, str]:
    """Return the addresses of what can be shown besides cases, of the apps that a town has switched on."""
    found = {"units": url_or_blank("org:units"), "resources": url_or_blank("incidents:resources")}
    return {name: url for name, url in found.items() if url}


def _words() -> dict[str, str]:
    return {
        "zoomIn": _("放大"),
        "zoomOut": _("缩小"),
        "close": _("关闭"),
        "failed": _("地图没有加载成功；左右的列表不受影响。"),
        "cells": _("案件"),
        "lateOnly": _("只看超期"),
        "heat": _("热力"),
        "grids": _("网格界线"),
        "units": _("单位"),
        "venues": _("阵地、站点"),
        "resources": _("应急资源"),
        "base": _("底图"),
        "rings": _("距现场500米、1公里、2公里"),
        "busy": _("已调度"),
        "inTime": _("期限内"),
        "late": _("超期"),
        "ring": _("圈中为件数，红边为超期占比"),
        "listCases": _("列出案件"),
        "closer": _("放大"),
        "openCase": _("查看案件"),
        "openUnit": _("看该单位案件"),
        "openRegion": _("看该区划在办案件"),
        "openMore": _("详情"),
        "count": _("件"),
        "fresh": _("刚上报"),
        "running": _("在办"),
        "ended": _("已结束"),
        "few": _("稀"),
        "many": _("密"),
    }
