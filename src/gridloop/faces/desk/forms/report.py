"""A report that staff take down."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.forms import FilesField
from gridloop.core.cases.choices import category_choices, region_choices
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.faces.desk.forms.fields import LINES, choose

# What staff take reports in from; the other doors have pages or programs of their own.
STAFF_CHANNELS = (
    Channel.HOTLINE, Channel.DESK, Channel.VISIT, Channel.LETTER, Channel.PATROL, Channel.GRID,
    Channel.UPPER, Channel.MEDIA,
)  # fmt: skip


class ReportForm(forms.Form):
    """A report that staff take down, on the telephone or on the spot."""

    case_id = forms.UUIDField(widget=forms.HiddenInput)
    description = forms.CharField(
        label=_("发生了什么"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )
    category_id = forms.TypedChoiceField(label=_("类别"), coerce=int, required=False, empty_value=None)
    channel = forms.ChoiceField(label=_("来源"), choices=[(c.value, c.label) for c in STAFF_CHANNELS])
    demand = forms.ChoiceField(label=_("诉求类型"), choices=Demand.choices, initial=Demand.HELP)
    urgency = forms.ChoiceField(
        label=_("紧急程度"), choices=[("", _("按类别确定")), *Urgency.choices], required=False
    )
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    region_id = forms.TypedChoiceField(label=_("村（社区）"), coerce=int, required=False, empty_value=None)
    lon = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)
    name = forms.CharField(label=_("上报人姓名"), max_length=40, required=False)
    phone = forms.CharField(label=_("上报人电话"), max_length=20, required=False)
    is_confidential = forms.BooleanField(label=_("上报人要求保密"), required=False)
    files = FilesField(label=_("照片或文件"), required=False)  # type: ignore[assignment]
    solved = forms.CharField(
        label=_("已当场解决（自办自结）"),
        widget=LINES,
        required=False,
        max_length=2000,
        help_text=_("写明怎样解决的，即直接办结；留空则进入受理流程"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "category_id", category_choices(), _("按描述自动建议"))
        choose(self, "region_id", region_choices(), _("按位置自动确定"))
        is_grid = actor.can("case.close_on_spot")
        self.fields["channel"].initial = Channel.GRID if is_grid else Channel.HOTLINE
        if not is_grid:
            del self.fields["solved"]
