"""Keys of programs in the admin: issued with the secret shown once, looked at, revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.core.org.actions import log_act
from gridloop.core.org.admin_base import ActionForm, ManagedAdmin
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.permissions import MANAGING, PERMISSIONS
from gridloop.faces.exchange import actions
from gridloop.faces.exchange.models import ApiKey

SCOPES = [(name, label) for name, label in PERMISSIONS.items() if name not in MANAGING]


class KeyForm(ActionForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("权限范围"),
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("只勾选程序需要的；不能超出所选岗位（不选岗位时为“应用程序”）本身的权限。"),
    )

    class Meta:
        model = ApiKey
        fields = ("name", "post", "scopes", "calls_per_minute", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(ManagedAdmin):
    permission = "people.manage"
    is_logged = True
    form = KeyForm
    autocomplete_fields = ("post",)
    list_display = ("name", "prefix", "acts_as", "state", "used_at", "expires_at", "created_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("post__user", "post__unit")
    search_fields = ("name", "prefix")
    ordering = ("-created_at",)
    shown = ("name", "prefix", "acts_as", "scope_labels", "calls_per_minute", "created_at", "expires_at")
    hidden_in_history = frozenset({"prefix", "created_at", "scopes"})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        # A key that may do something else is another key: revoke this one and issue anew.
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return (*self.shown, "used_at", "state") if obj else KeyForm.Meta.fields

    @admin.display(description=gettext_lazy("身份"))
    def acts_as(self, key: Any) -> str:
        return (
            f"{key.post.user} · {key.post.unit} · {key.post.get_role_display()}"
            if key.post
            else _("应用程序")
        )

    @admin.display(description=gettext_lazy("权限范围"))
    def scope_labels(self, key: Any) -> str:
        return _("、").join(str(PERMISSIONS.get(scope, scope)) for scope in key.scopes)

    @admin.display(description=gettext_lazy("状态"))
    def state(self, key: Any) -> str:
        if key.revoked_at:
            return _("已吊销 %(at)s") % {"at": f"{timezone.localtime(key.revoked_at):%Y-%m-%d %H:%M}"}
        if key.expires_at and key.expires_at <= timezone.now():
            return _("已过期")
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:exchange_revoke_key", args=[key.pk]), _("有效 · 吊销")
        )

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> ApiKey:  # noqa: ARG002
        said = form.cleaned_data
        key, secret = actions.issue_key(
            said["name"],
            scopes=said["scopes"],
            at=timezone.now(),
            post=said["post"],
            expires_at=said["expires_at"],
            calls_per_minute=said["calls_per_minute"],
        )
        request.secret = secret  # type: ignore[attr-defined]  # for the one page that shows it
        return key

    def response_add(self, request: HttpRequest, obj: Any, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the secret on the answer itself: it is kept nowhere, not even until the next page."""
        secret = request.secret  # type: ignore[attr-defined]
        answer = self.page(
            request, "exchange/admin/issued.html", _("密钥已发放"), object=None, key=obj, secret=secret
        )
        answer["Cache-Control"] = "no-store"
        return answer

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:key_id>/revoke/", view, name="exchange_revoke_key"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Ask once, then revoke."""
        self.check_manages(request)
        key = get_object_or_404(ApiKey, pk=key_id)
        if request.method == "POST":
            actions.revoke_key(key_id, at=timezone.now())
            log_act(key, "revoke", actor=actor_in(request), at=timezone.now(), data={"key": key_id})
            messages.success(
                request, _("密钥“%(name)s”已吊销，使用它的程序不能再访问。") % {"name": key.name}
            )
            return redirect("admin:exchange_apikey_changelist")
        hint = _("吊销后不能恢复。使用“%(name)s”（%(prefix)s…）的程序将立即不能访问。") % {
            "name": key.name,
            "prefix": key.prefix,
        }
        return self.page(
            request,
            "org/admin/form.html",
            _("吊销密钥"),
            object=key,
            form=forms.Form(),
            hints=[hint],
            submit=_("吊销"),
        )
