"""A long list to choose from is drawn quickly, and just as Django draws it."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html

from gridloop.base.shell.forms import TablerRenderer

CHOICES = [("", "全部"), ("路 & 桥", [(1, "<b>路面</b>"), (2, '桥 "二"')]), (None, "无"), (3, "三")]


class Choice(forms.Form):
    one = forms.ChoiceField(choices=CHOICES, required=False)
    many = forms.MultipleChoiceField(choices=CHOICES, required=False)


@pytest.mark.parametrize("given", [{}, {"one": "1", "many": ["2", "3"]}, {"one": "<script>"}])
@pytest.mark.parametrize("name", ["one", "many"])
def test_a_select_is_what_djangos_own_template_makes_of_it(name: str, given: dict[str, object]) -> None:
    widget = Choice.base_fields[name].widget
    value = given.get(name)
    ours, djangos = (
        widget.render(name, value, {"class": "form-select", "required": True}, renderer=renderer)
        for renderer in (TablerRenderer(), DjangoTemplates())
    )
    assert parse_html(ours) == parse_html(djangos)
    assert "<b>" not in ours
