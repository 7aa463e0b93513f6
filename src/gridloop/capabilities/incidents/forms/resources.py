"""Resources, skills, settings."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.errors import InvalidInput
from gridloop.base.shell.forms import PickMany
from gridloop.capabilities.incidents.actions import ResourceData, Stock
from gridloop.capabilities.incidents.config import skill_names
from gridloop.capabilities.incidents.duty import shown, tidy
from gridloop.capabilities.incidents.models import Resource, ResourceKind
from gridloop.capabilities.incidents.sheets import read_stock
from gridloop.core.cases.choices import unit_groups
from gridloop.core.org.models import Post
from gridloop.core.org.revisions import cached

LINES = forms.Textarea(attrs={"rows": 4})


class ResourceForm(forms.Form):
    """All of one resource."""

    code = forms.CharField(
        label=_("编号"), max_length=30, help_text=_("全镇唯一，导入时按它识别，例如 XF-001。")
    )
    kind = forms.ChoiceField(label=_("类型"), choices=ResourceKind.choices)
    name = forms.CharField(label=_("名称"), max_length=60)
    unit = forms.TypedChoiceField(label=_("所属单位"), coerce=int)
    address = forms.CharField(
        label=_("值守地点"),
        max_length=120,
        required=False,
        help_text=_("值守、停放或存放的地点，不记录人员行踪。"),
    )
    lon = forms.FloatField(label=_("经度"), min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), min_value=-90, max_value=90)
    skills = forms.MultipleChoiceField(label=_("技能"), required=False, widget=PickMany)
    duty = forms.CharField(
        label=_("值守时间"),
        max_length=200,
        required=False,
        help_text=_("例如：周一至周五 08:30-17:30；周六 09:00-12:00。留空为全天。"),
    )
    contact = forms.CharField(
        label=_("联系电话"),
        max_length=40,
        required=False,
        help_text=_("加密保存；查看会记入日志。不改动请留空。"),
    )
    capacity = forms.IntegerField(
        label=_("容量"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_("队伍人数、座位数或可安置人数。"),
    )
    stock = forms.CharField(
        label=_("库存"),
        required=False,
        widget=LINES,
        max_length=4000,
        help_text=_("每行一种，例如：沙袋 500只"),
    )
    owners = forms.TypedMultipleChoiceField(
        label=_("应答人员"),
        coerce=int,
        required=False,
        widget=PickMany,
        help_text=_("呼叫时通知这些人，其中任何一人都可以应答。"),
    )
    note = forms.CharField(label=_("备注"), max_length=200, required=False)
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["unit"].choices = [("", _("请选择")), *unit_groups()]
        fields["skills"].choices = list(skill_names().items())
        fields["owners"].choices = cached("posts", _people)

    def clean_duty(self) -> str:
        return _checked(tidy, self.cleaned_data["duty"])

    def clean_stock(self) -> tuple[Stock, ...]:
        return _checked(read_stock, self.cleaned_data["stock"])

    def resource(self) -> ResourceData:
        said = self.cleaned_data
        return ResourceData(
            code=said["code"],
            kind=said["kind"],
            name=said["name"],
            unit_id=said["unit"],
            lon=said["lon"],
            lat=said["lat"],
            address=said["address"],
            skills=tuple(said["skills"]),
            duty=said["duty"],
            contact=said["contact"] or None,
            capacity=said["capacity"],
            note=said["note"],
            is_active=said["is_active"],
            owner_ids=tuple(said["owners"]),
            stock=said["stock"],
        )


class ResourceFilter(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=_("名称或编号"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=_("类型"), required=False, choices=[("", _("全部")), *ResourceKind.choices]
    )
    skill = forms.ChoiceField(label=_("技能"), required=False)
    unit = forms.TypedChoiceField(label=_("单位"), required=False, coerce=int, empty_value=None)
    use = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("启用")), ("off", _("停用")), ("all", _("全部"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["skill"].choices = [("", _("全部")), *skill_names().items()]
        fields["unit"].choices = [("", _("全部")), *unit_groups()]

    def narrow(self, rows: Any) -> Any:
        """Narrow resources to what the address asks for; nothing where a filter makes no sense."""
        if not self.is_valid():
            return rows.none()
        said = self.cleaned_data
        if words := said["q"].strip():
            rows = rows.filter(name__icontains=words) | rows.filter(code__istartswith=words)
        if said["use"] != "all":
            rows = rows.filter(is_active=said["use"] != "off")
        wanted = {name: said[field] for name, field in (("kind", "kind"), ("unit", "unit")) if said[field]}
        return rows.filter(**wanted).able([said["skill"]] if said["skill"] else [])


class ImportForm(forms.Form):
    """A sheet of resources."""

    file = forms.FileField(
        label=_("资源表"),
        help_text=_("XLSX 或 CSV。可先导出现有资源作模板；按编号识别，有错一行也不写入。"),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.xls,.ods,.csv"}),
    )


class SkillForm(forms.Form):
    """A skill."""

    code = forms.CharField(label=_("代码"), max_length=24, help_text=_("小写英文，例如 drone"))
    name = forms.CharField(label=_("技能名称"), max_length=24)


class SettingsForm(forms.Form):
    """How the centre calls."""

    answer_minutes = forms.IntegerField(label=_("应答时限（分钟）"), min_value=1, max_value=120)
    is_automatic = forms.BooleanField(
        label=_("超时自动改呼最近的可用资源"),
        required=False,
        help_text=_("不勾选时只给出建议，由指挥员决定。"),
    )
    detour = forms.FloatField(
        label=_("绕行系数"), min_value=1, max_value=5, help_text=_("估计路程 = 直线距离 × 绕行系数。")
    )
    reach_m = forms.IntegerField(label=_("搜索范围（米）"), min_value=100, max_value=200_000)


def initial_of(row: Resource) -> dict[str, Any]:
    """Return what the form shows of a resource; its number stays in the house."""
    plain = ("code", "kind", "name", "address", "lon", "lat", "skills", "capacity", "note", "is_active")
    return {name: getattr(row, name) for name in plain} | {
        "unit": row.unit_id,
        "duty": shown(row.duty) if row.duty else "",
        "stock": "\n".join(str(line) for line in row.stock.order_by("item")),
        "owners": list(row.owner_links.values_list("user_id", flat=True)),
    }


def _checked(read: Any, text: str) -> Any:
    try:
        return read(text)
    except InvalidInput as refusal:
        raise ValidationError(refusal.message) from refusal


def _people() -> list[tuple[str, list[tuple[int, str]]]]:
    """People by unit, as they can be named to answer."""
    groups: dict[str, dict[int, str]] = {}
    posts = Post.objects.filter(ends_on=None, user__is_active=True).select_related("user", "unit")
    for post in posts.order_by("unit__path", "pk"):
        groups.setdefault(post.unit.name, {})[post.user_id] = post.user.get_full_name()
    return [(unit, list(people.items())) for unit, people in groups.items()]
