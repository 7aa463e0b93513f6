"""People and their posts in the admin, and the table of roles and permissions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridloop.core.org import actions
from gridloop.core.org.actors import part_of
from gridloop.core.org.admin_base import ActionForm, ManagedAdmin, Tool
from gridloop.core.org.models import Post, User
from gridloop.core.org.permissions import APPOINTABLE, PERMISSIONS, ROLES, SCOPE_LABELS, Role, role_choices

AMENDABLE = ("full_name", "phone", "email", "is_active")


class UserForm(ActionForm):
    new_password = forms.CharField(
        label=_("密码"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("不填：新人员只能用统一身份登录；已有人员的密码不变。"),
    )

    clears_second_factor = forms.BooleanField(
        label=_("清除两步验证"),
        required=False,
        help_text=_("手机遗失时勾选：此人下次只凭密码登录，请提醒重新设置。"),
    )

    class Meta:
        model = User
        fields = ("username", "full_name", "phone", "email", "is_active")


@admin.register(User)
class UserAdmin(ManagedAdmin):
    permission = "people.manage"
    is_logged = True
    form = UserForm
    list_display = ("full_name", "username", "phone", "posts_held", "is_active", "last_login")
    list_display_links = ("full_name", "username")
    list_filter = ("is_active", "posts__role")
    search_fields = ("full_name", "username", "phone")
    ordering = ("username",)
    hidden_in_history = frozenset({"is_superuser", "is_staff", "first_name", "last_name", "date_joined"})

    def get_queryset(self, request: HttpRequest) -> Any:
        held = Post.objects.held_on(timezone.localdate()).select_related("unit").order_by("pk")
        return super().get_queryset(request).prefetch_related(Prefetch("posts", held, to_attr="held"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Else whoever manages people could take over the account that may do everything.
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_above

    @admin.display(description=_("在任岗位"))
    def posts_held(self, user: Any) -> str:
        return _("、").join(part_of(post) for post in user.held) or "—"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        fields = ["username", "full_name", "phone", "email", "new_password"]
        return [*fields, "clears_second_factor", "is_active"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ("username",) if obj else ()

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> User:  # noqa: ARG002
        said = form.cleaned_data
        password = said["new_password"] or None
        if not change:
            fields = {name: said[name] for name in ("username", "full_name", "phone", "email")}
            return actions.add_user(password=password, **fields)
        if said["clears_second_factor"]:
            actions.clear_second_factor(form.instance.pk)
        if password:
            actions.set_password(form.instance.pk, password)
        changed = {name: said[name] for name in AMENDABLE if name in form.changed_data}
        return actions.amend_user(form.instance.pk, **changed) if changed else form.instance


class PostForm(ActionForm):
    class Meta:
        model = Post
        fields = ("user", "unit", "role", "region", "starts_on", "ends_on", "is_default")


@admin.register(Post)
class PostAdmin(ManagedAdmin):
    permission = "people.manage"
    is_logged = True
    form = PostForm
    tools = (Tool(_("角色与权限表"), "admin:org_permissions"),)
    list_display = ("user", "unit", "role", "region", "starts_on", "ends_on", "is_default")
    list_filter = ("role", ("ends_on", admin.EmptyFieldListFilter))
    list_select_related = ("user", "unit", "region")
    search_fields = ("user__full_name", "user__username", "unit__name", "region__name")
    autocomplete_fields = ("user", "unit", "region")
    ordering = ("user__username", "pk")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        fields = ["user", "unit", "role", "region", "starts_on"]
        return [*fields, "ends_on", "is_default"] if obj else [*fields, "is_default"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        # A post that changed hands or place is another post: end this one and appoint anew.
        return ("user", "unit", "role", "region", "starts_on") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        return {"starts_on": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> Post:  # noqa: ARG002
        said = form.cleaned_data
        if not change:
            is_default = said["is_default"] or None
            return actions.appoint(
                said["user"],
                said["unit"],
                Role(said["role"]),
                said["region"],
                starts_on=said["starts_on"],
                is_default=is_default,
            )
        post: Post = form.instance
        if "ends_on" in form.changed_data and said["ends_on"]:
            return actions.end_post(post.pk, on=said["ends_on"])
        if "is_default" in form.changed_data and said["is_default"]:
            return actions.make_default(post.pk)
        return post

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.permissions_view)
        return [path("permissions/", view, name="org_permissions"), *super().get_urls()]

    def permissions_view(self, request: HttpRequest) -> HttpResponse:
        """Show which role holds which permission, made from the table that the code itself asks."""
        self.check_manages(request)
        roles = [*APPOINTABLE, Role.RESIDENT, Role.PROGRAM, Role.SYSTEM]
        rows = [
            (label, name, [name in ROLES[role].permissions for role in roles])
            for name, label in PERMISSIONS.items()
        ]
        return self.page(
            request,
            "org/admin/permissions.html",
            _("角色与权限表"),
            roles=[label for _role, label in role_choices(roles)],
            scopes=[SCOPE_LABELS[ROLES[role].scope] for role in roles],
            rows=rows,
        )
