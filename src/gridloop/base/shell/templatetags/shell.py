"""`{% load shell %}`: icons, badges and the small things that templates repeat."""

import json
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = Path(__file__).parents[1] / "static/shell/icons.svg"
TONES = frozenset({"primary", "success", "warning", "danger", "info", "secondary"})
FALLBACK = "point"


@cache
def icon_names() -> frozenset[str]:
    """Return the names of the icons in the sprite."""
    root = ElementTree.parse(SPRITE).getroot()  # noqa: S314  # a file of ours
    return frozenset(symbol.attrib["id"] for symbol in root)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; with a label it speaks, without one it only decorates."""
    known = name if name in icon_names() else FALLBACK
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"></use></svg>', spoken, static("shell/icons.svg"), known
    )


@register.simple_tag
def badge(label: object, tone: str = "secondary") -> SafeString:
    """Draw a badge: colour helps, the words tell."""
    return format_html(
        '<span class="badge bg-{0}-lt">{1}</span>', tone if tone in TONES else "secondary", label
    )


@register.filter
def as_json(value: object) -> str:
    """Return the value as JSON for a data attribute, where htmx, which drops scripts, leaves it alone."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


@register.simple_tag(takes_context=True)
def repeat_block(context: Context, name: str) -> str:
    """Print a block a second time: the page's title is its heading too."""
    return str(context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context))
