"""What the portal is not for, and who is: told before somebody writes in vain."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.labels import Label


@dataclass(frozen=True, slots=True)
class Line:
    """One telephone number and what it is for."""

    number: str
    label: Label


EMERGENCY_LINES = (
    Line("110", _("违法犯罪、人身危险")),
    Line("119", _("火灾、燃气泄漏、抢险救援")),
    Line("120", _("急病、受伤")),
    Line("122", _("交通事故")),
)
OTHER_LINES = (
    Line("12345", _("本镇以外的事，或不知道该找谁")),
    Line("12388", _("举报党员干部违纪违法")),
    Line("12348", _("法律咨询、人民调解")),
    Line("12315", _("买东西、消费上的纠纷")),
    Line("12333", _("欠薪、社保、劳动争议")),
    Line("12380", _("举报选人用人问题")),
)
