"""Forms as they are drawn."""

import re

from django import forms

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.base.shell.forms import PickMany, PickOne, put_errors, status_of

UNITS = [("部门", [(1, "水利站"), (2, "派出所")]), ("村", [(3, "柳桥村委会")])]


class Sample(forms.Form):
    title = forms.CharField(label="标题")
    kind = forms.ChoiceField(label="类型", choices=[("a", "甲")], widget=forms.RadioSelect)
    lead = forms.TypedChoiceField(label="主办", choices=UNITS, coerce=int, widget=PickOne, initial=2)
    others = forms.MultipleChoiceField(label="协办", choices=UNITS, widget=PickMany, required=False)
    secret = forms.CharField(widget=forms.HiddenInput, initial="x")


def test_every_widget_has_the_class_of_its_kind():
    content = Sample().render()
    assert '<input type="text" name="title" required class="form-control" id="id_title">' in content
    assert "选填" in content
    assert '<input type="hidden" name="secret" value="x" id="id_secret">' in content


def test_errors_stand_beside_their_fields_and_are_read_out_with_them():
    content = Sample({"title": ""}).render()
    assert re.search(r'name="title"[^>]*aria-invalid="true"', content)
    assert re.search(r'<div class="invalid-feedback d-block" id="id_title_error">', content)


def test_a_long_list_is_grouped_has_labels_and_keeps_its_choice():
    content = Sample().render()
    assert content.count('role="group"') == 4
    assert re.search(r'<input type="radio" name="lead" value="2"[^>]*checked', content)
    assert '<label class="gl-pick-item" for="id_lead_0_1">' in content


def test_a_refusal_goes_to_the_field_it_names_and_to_the_top():
    form = Sample({"title": "路灯", "kind": "a", "lead": "1", "secret": "x"})
    assert form.is_valid()
    put_errors(form, InvalidInput("单位已停用", fields={"lead": "请重新选择", "unknown": "?"}))
    assert form.errors["lead"] == ["请重新选择"]
    assert form.non_field_errors() == ["单位已停用"]


def test_a_page_has_the_status_of_what_its_form_shows():
    fine = {"title": "路灯", "kind": "a", "lead": "1", "secret": "x"}
    blank, incomplete, accepted, stale = Sample(), Sample({}), Sample(fine), Sample(fine)
    put_errors(stale, DomainError("别人刚刚改过"))
    assert [status_of(form) for form in (blank, incomplete, accepted, stale)] == [200, 422, 200, 409]
