"""Categories in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.templatetags.shell import icon, icon_names
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.admin.common import RuleAdmin
from gridloop.core.catalogue.admin.fields import KeywordsField
from gridloop.core.catalogue.models import Category
from gridloop.core.org.admin_base import ActionForm

AMENDABLE = ("name", "kind", "keywords", "icon", "urgency", "is_public", "is_active")
SHOWN_WORDS = 6


class CategoryForm(ActionForm):
    keywords = KeywordsField(
        label=_("关键词"),
        required=False,
        help_text=_("用顿号分隔，供上报时提示类别。“甲+乙”表示两个词都出现才算。"),
    )
    icon = forms.ChoiceField(label=_("图标"), required=False)

    class Meta:
        model = Category
        fields = ("code", *AMENDABLE)
        help_texts = {
            "code": _("大类 2 位，小类 4 位且前 2 位为所属大类；数字或大写字母。"),
            "is_active": _("停用后不再供选择，已有案件保留原类别。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(icon_names() | {self.instance.icon} - {""})
        self.fields["icon"].choices = [("", _("无")), *((name, name) for name in names)]  # type: ignore[attr-defined]


class MainFilter(admin.SimpleListFilter):
    """Sub-categories of one main category, and itself."""

    title = _("大类")
    parameter_name = "main"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        rows = Category.objects.main().order_by("code").values_list("code", "name")
        return [(code, f"{code} {name}") for code, name in rows]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        return queryset.filter(code__startswith=self.value()) if self.value() else queryset


@admin.register(Category)
class CategoryAdmin(RuleAdmin):
    form = CategoryForm
    list_display = ("drawn", "code", "indented_name", "kind", "urgency", "words", "is_public", "is_active")
    list_display_links = ("code", "indented_name")
    list_filter = ("kind", "urgency", "is_public", "is_active", MainFilter)
    search_fields = ("code", "name", "keywords")
    ordering = ("code",)
    list_per_page = 100

    @admin.display(description=_("图标"))
    def drawn(self, category: Category) -> SafeString:
        return icon(category.icon) if category.icon else SafeString("")

    @admin.display(description=_("名称"), ordering="name")
    def indented_name(self, category: Category) -> str:
        return f"　{category.name}" if category.parent_id else category.name

    @admin.display(description=_("关键词"))
    def words(self, category: Category) -> str:
        shown = _("、").join(category.keywords[:SHOWN_WORDS])
        return f"{shown}…" if len(category.keywords) > SHOWN_WORDS else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ("code", "rules") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ["code", *AMENDABLE, "rules"] if obj else ["code", *AMENDABLE]

    @admin.display(description=_("标准与履职"))
    def rules(self, category: Category) -> SafeString:
        return format_html(
            '<a href="../../../standard/?q={0}">{1}</a> · <a href="../../../duty/?q={0}">{2}</a>',
            category.code,
            _("查看标准和时限"),
            _("查看履职清单"),
        )

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> Category:  # noqa: ARG002
        said = form.cleaned_data
        if not change:
            return actions.add_category(said["code"], **{name: said[name] for name in AMENDABLE})
        changed = {name: said[name] for name in AMENDABLE if name in form.changed_data}
        category: Category = form.instance
        return actions.amend_category(category.pk, **changed) if changed else category
