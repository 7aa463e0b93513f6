"""What the pages of standards and duties share: versions by date, and the links above each list."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.core.catalogue.models import Category
from gridloop.core.org.admin_base import ActionForm, ManagedAdmin, Tool

PERMISSION = "catalogue.manage"
TOOLS: tuple[Tool, ...] = (
    Tool(gettext_lazy("导入目录"), "admin:catalogue_upload_add"),
    Tool(gettext_lazy("下载现行目录"), "admin:catalogue_download"),
    Tool(gettext_lazy("下载空白模板"), "admin:catalogue_download", "?template=1"),
)


class FromToday(forms.BaseForm):
    """What a form with a day from which something holds has in common: that day has not passed."""

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("生效日期不能早于今天：已经生效的内容不能改写。"))
        return day


class VersionForm(FromToday, ActionForm):
    """
    A form of one version. What has taken effect is never rewritten: saving it makes a version of another day.

    A version that is still to come is amended in place, so its day stays.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        day = self.fields["effective_on"]
        is_future = bool(self.instance.pk and self.instance.effective_on > today)
        day.disabled = is_future
        if not is_future:
            self.initial["effective_on"] = today
        day.help_text = (
            _("这一版尚未生效，保存后直接修改这一版。")
            if is_future
            else _("保存后从这一天起适用；在此之前的版本保留不变，在办案件的期限不受影响。")
        )


class InForce(admin.SimpleListFilter):
    """Which versions the list shows; those that hold today where nothing is chosen."""

    title = gettext_lazy("版本")
    parameter_name = "version"
    keys: ClassVar[tuple[str, ...]]  # what two versions of one rule have in common

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("coming", _("将生效")), ("past", _("已被替代")), ("all", _("全部"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, label in (("", _("现行")), *self.lookup_choices):
            chosen = {self.parameter_name: value} if value else {}
            yield {
                "selected": (self.value() or "") == value,
                "query_string": changelist.get_query_string(chosen, [self.parameter_name]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        today = timezone.localdate()
        match self.value():
            case "all":
                return queryset
            case "coming":
                return queryset.filter(effective_on__gt=today)
            case "past":
                return queryset.filter(effective_on__lte=today).filter(self._followed(queryset, today))
        return queryset.filter(effective_on__lte=today).exclude(self._followed(queryset, today))

    def _followed(self, queryset: QuerySet[Any], today: date) -> Exists:
        """Say whether a later version of the same rule has taken effect; no category is a category here."""
        same = {f"same_{key}": Coalesce(key, 0) for key in self.keys}
        mine = {f"same_{key}": Coalesce(OuterRef(key), 0) for key in self.keys}
        later = queryset.model.objects.until(today).filter(effective_on__gt=OuterRef("effective_on"))
        return Exists(later.annotate(**same).filter(**mine))


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no argument when it runs
    """Categories under their main ones; works without JavaScript."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Category.objects.order_by("code"), label=gettext_lazy("事项类别"), **options)

    def label_from_instance(self, obj: Category) -> str:
        return f"{'　' if obj.parent_id else ''}{obj.code} {obj.name}"


class RuleAdmin(ManagedAdmin):
    """Pages of one part of the rulebook."""

    permission = PERMISSION
    is_logged = True
    tools = TOOLS

    def changelist_view(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": self.opts.verbose_name_plural}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    class Media:
        css = {"all": ("catalogue/admin.css",)}


def by_category(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Order versions by category, the town's own first, and the latest first within one."""
    return queryset.order_by(F("category__code").asc(nulls_first=True), "-effective_on", "-id")
