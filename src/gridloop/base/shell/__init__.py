"""The web kit: base page, components, `render`, menu, buttons, forms, error pages, map and chart modules."""

from gridloop.base.shell.rendering import render

__all__ = ["render"]
