"""Choosing a row of a tree by a few letters of its name or code."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from gridloop.core.org.models import Post, Region, Unit


def region_field(
    label: Any, *, required: bool = False, help_text: Any = ""
) -> "forms.ModelChoiceField[Region]":
    """Return a field that finds a region by name or code."""
    return _field(Region.objects.all(), "region", label, required=required, help_text=help_text)


def unit_field(label: Any, *, required: bool = False, help_text: Any = "") -> "forms.ModelChoiceField[Unit]":
    """Return a field that finds a unit by name or code."""
    return _field(Unit.objects.all(), "unit", label, required=required, help_text=help_text)


def _field(rows: Any, pointer: str, label: Any, **options: Any) -> "forms.ModelChoiceField[Any]":
    # The widget asks which foreign key it is for; a post's point at both trees.
    widget = AutocompleteSelect(Post._meta.get_field(pointer), admin.site)
    return forms.ModelChoiceField(rows, label=label, widget=widget, **options)


def indented(name: str, depth: int) -> str:
    """Return the name of a row of a tree moved in by its depth."""
    return "　" * (depth - 1) + name
