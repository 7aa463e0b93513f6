"""
What every page of Django's admin here stands on: the post says who may manage, and actions do the writing.

A subclass names the `permission` that it asks for and implements `write`. A refusal by the action comes back
on the form, with everything that was typed. `history_view` shows the trigger-kept history of the row.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import pghistory
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.org.actions import log_act
from gridloop.core.org.history import history_of
from gridloop.core.org.middleware import actor_in

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Tool:
    """A link above a list: what it says, the URL name in the admin, and a query string."""

    label: Text
    url_name: str
    query: str = ""


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument when it runs
    """A form whose rules are those of the action behind it, whose words are kinder than a constraint's."""

    refusal: ClassVar[DomainError | None] = None

    def _get_validation_exclusions(self) -> set[str]:
        # The fields of the form have checked what they can; uniqueness and constraints are the action's.
        return {field.name for field in self._meta.model._meta.get_fields()}

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.refusal is not None:
            add_refusal(self, self.refusal)


def add_refusal(form: forms.BaseForm, refusal: DomainError) -> None:
    """Put what an action refused on the form: its message on top, and a word beside each field at fault."""
    form.add_error(None, refusal.message)
    for name, text in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, text or refusal.message)


class ManagedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no argument when it runs
    """Pages of one model, open to posts that hold `permission` and to a superuser, writing by action."""

    permission: ClassVar[str]
    form = ActionForm
    tools: ClassVar[tuple[Tool, ...]] = ()
    change_list_template = "org/admin/change_list.html"
    object_history_template = "org/admin/history.html"
    hidden_in_history: ClassVar[frozenset[str]] = frozenset()
    is_logged: ClassVar[bool] = False  # whether the audit log gets a line, too
    list_per_page = 50
    show_full_result_count = False

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> models.Model:
        """
        Call the action that stores what `form.cleaned_data` says, and return the row.

        :param change: the row `form.instance` is there already; `form.changed_data` names what is new.
        """
        raise NotImplementedError

    # permissions -------------------------------------------------------------------------------------------

    def may_manage(self, request: HttpRequest) -> bool:
        return actor_in(request).can(self.permission) or bool(getattr(request.user, "is_superuser", False))

    def check_manages(self, request: HttpRequest) -> None:
        """Refuse whoever may not manage; for the pages that a subclass adds."""
        if not self.may_manage(request):
            raise PermissionDenied

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_manage(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.may_manage(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.may_manage(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.may_manage(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        # What cases and their logs point at is taken out of use, never out of the database.
        return False

    # writing -----------------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form, or let the action write; what it refuses is shown on the form again, with 422."""
        show = super().changeform_view
        try:
            with pghistory.context(user=request.user.pk):
                response = show(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            response = show(request, object_id, form_url, extra_context)
        if request.method == "POST" and "adminform" in (getattr(response, "context_data", None) or {}):
            response.status_code = InvalidInput.status
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Let the action write instead of the form."""
        saved = self.write(request, form, change=change)
        if self.is_logged:
            data = {"key": saved.pk, "fields": sorted(form.changed_data)}
            log_act(
                saved, "amend" if change else "add", actor=actor_in(request), at=timezone.now(), data=data
            )
        obj.pk = saved.pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Leave it to the action, which has written everything by now."""

    # pages -------------------------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"tools": self.tools, **(extra_context or {})})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show every change of the row, by whom and from what to what, the latest first."""
        self.check_manages(request)
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": _("变更记录：%(name)s") % {"name": obj},
            "opts": self.opts,
            "object": obj,
            "changes": history_of(obj, hidden=self.hidden_in_history),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)

    def page(
        self, request: HttpRequest, template: str, title: Text, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Answer with a page of the admin of our own."""
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context}, status=status)
