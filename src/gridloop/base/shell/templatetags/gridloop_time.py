"""`{% load gridloop_time %}`: spans of time as people say them, numbers as programs read them."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

_HOUR, _DAY = 60, 60 * 24


@register.filter
def span(minutes: int) -> str:
    """Return the size of a span in the largest two units that matter: 3天5小时, 2小时10分, 8分钟."""
    minutes = abs(minutes)
    days, hours = divmod(minutes // _HOUR, 24)
    if minutes >= _DAY:
        return _("%(days)s天%(hours)s小时") % {"days": days, "hours": hours}
    if minutes >= _HOUR:
        return _("%(hours)s小时%(minutes)s分") % {"hours": hours, "minutes": minutes % _HOUR}
    return _("%(minutes)s分钟") % {"minutes": minutes}


@register.filter
def ago(minutes: int) -> str:
    """Return how long ago, in the one unit that matters: 刚刚, 5分钟前, 3小时前, 12天前."""
    if minutes < 1:
        return _("刚刚")
    if minutes < _HOUR:
        return _("%(minutes)s分钟前") % {"minutes": minutes}
    if minutes < _DAY:
        return _("%(hours)s小时前") % {"hours": minutes // _HOUR}
    return _("%(days)s天前") % {"days": minutes // _DAY}


@register.filter
def unlocalize_number(value: float | None) -> str:
    """Return a number with a point, whatever the language of the page."""
    return "" if value is None else f"{value:.6f}"
