"""Django's forms drawn with Tabler's classes, errors beside their fields (`settings.FORM_RENDERER`)."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.errors import DomainError
from gridloop.base.common.files import Checked, inspect

CHECKS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
SELECTS = (forms.Select,)
MAX_FILES = 9
UNSTYLED = (forms.HiddenInput, forms.MultipleHiddenInput)


class TablerBoundField(BoundField):
    """Adds the class that the widget needs, and marks what is invalid for people and for screen readers."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        own = (widget or self.field.widget).attrs.get("class", "")
        classes = [own, widget_class(widget or self.field.widget)]
        if self.form.is_bound and self.errors:
            classes.append("is-invalid")
        if joined := " ".join(part for part in classes if part):
            attrs["class"] = joined
        return attrs

    @property
    def is_check(self) -> bool:
        """A single box whose label stands beside it."""
        return isinstance(self.field.widget, forms.CheckboxInput)


def widget_class(widget: forms.Widget) -> str:
    """Return Tabler's class for the widget."""
    if isinstance(widget, UNSTYLED):
        return ""
    if isinstance(widget, CHECKS):
        return "form-check-input"
    return "form-select" if isinstance(widget, SELECTS) else "form-control"


class PickOne(forms.RadioSelect):
    """One of a long list: rows to choose from, grouped, with a box that narrows them where scripts run."""

    template_name = "shell/forms/pick.html"
    option_template_name = "shell/forms/pick_option.html"


class PickMany(forms.CheckboxSelectMultiple):
    """Several of a long list; what is chosen stands on top."""

    template_name = "shell/forms/pick.html"
    option_template_name = "shell/forms/pick_option.html"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each checked by its content; what is refused is told by its name."""

    widget = FilesInput(attrs={"multiple": True, "accept": "image/*,.pdf,.docx,.xlsx,.mp4,.m4a,.mp3"})

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, Checked]]:  # noqa: ARG002
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"])
        if len(files) > MAX_FILES:
            raise forms.ValidationError(_("一次最多 %(most)s 个文件，请分次上传。") % {"most": MAX_FILES})
        errors, checked = [], []
        for file in files:
            try:
                checked.append((file.name, inspect(file)))
            except DomainError as error:
                errors.append(f"{file.name}：{error.message}")
        if errors:
            raise forms.ValidationError(errors)
        return checked


def posted(request: HttpRequest) -> tuple[Any, Any]:
    """Return what a form is bound to: fields and files of a POST, be they empty, and nothing otherwise."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def put_errors(form: forms.Form, refusal: DomainError) -> None:
    """Put a refusal where the person looks: beside its fields where they are known, on top as well."""
    form.add_error(None, refusal.message)
    for name, why in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, why)
    vars(form)["refused_with"] = int(refusal.status)


def status_of(form: forms.Form) -> int:
    """Return the status of a page that shows the form: that of a refusal, 422 for errors, 200 without."""
    return int(vars(form).get("refused_with", 422)) if form.errors else 200


class TablerRenderer(DjangoTemplates):
    """Templates of the form, its fields and its errors."""

    form_template_name = "shell/forms/form.html"
    field_template_name = "shell/forms/field.html"
    bound_field_class = TablerBoundField

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        if template_name == "django/forms/widgets/select.html":
            return _select(context["widget"])
        return mark_safe(super().render(template_name, context, request))  # noqa: S308  # a template's own output


def _select(widget: dict[str, Any]) -> SafeString:
    """Draw what Django's own template draws; that one is rendered anew for each of hundreds of options."""
    groups = format_html_join("", "{}", ((_group(name, rows),) for name, rows, _index in widget["optgroups"]))
    return format_html('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), groups)


def _group(name: str | None, rows: list[dict[str, Any]]) -> SafeString:
    options = format_html_join("", '<option value="{}"{}>{}</option>', map(_option, rows))
    return format_html('<optgroup label="{}">{}</optgroup>', name, options) if name else options


def _option(option: dict[str, Any]) -> tuple[str, SafeString, str]:
    return str(option["value"]), flatatt(option["attrs"]), option["label"]
