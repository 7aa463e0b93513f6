"""What is counted, and what people call it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class What(TextChoices):
    """
    What a tally counts. A case stands in it at most once, for a unit where there is one, so that every number
    is a number of cases.

    What a unit does with a case that it was given counts on the day on which it was given (dispatched,
    responded, sent_back); how a case ended counts on the day on which it was closed (closed to satisfied). So
    each rate has one group of cases below its line and some of the same cases above it.
    """

    REPORTED = "reported", _("上报")
    REGISTERED = "registered", _("立案")
    REJECTED = "rejected", _("不予受理")
    WITHDRAWN = "withdrawn", _("撤销")
    MERGED = "merged", _("并案")
    SELF_CLOSED = "self_closed", _("自办自结")
    REOPENED = "reopened", _("重办")
    DISPATCHED = "dispatched", _("派遣")
    RESPONDED = "responded", _("按时响应")
    SENT_BACK = "sent_back", _("退单")
    CLOSED = "closed", _("办结")
    ON_TIME = "on_time", _("按时办结")
    RESOLVED = "resolved", _("一次解决")
    REWORKED = "reworked", _("返工")
    RATED = "rated", _("参与评价")
    SATISFIED = "satisfied", _("满意")


# What belongs to the unit that led the case; the rest is counted for no unit.
OF_UNITS = frozenset(
    {
        What.DISPATCHED, What.RESPONDED, What.SENT_BACK, What.CLOSED, What.ON_TIME,
        What.RESOLVED, What.REWORKED, What.RATED, What.SATISFIED,
    }
)  # fmt: skip


class ExclusionReason(TextChoices):
    """On what ground a case is left out of scores (依据: 接诉即办考评中的剔除情形；本地可调整说明)."""

    UNLAWFUL = "unlawful", _("诉求不合理或不合法")
    BEYOND = "beyond", _("超出本级职权，需上级解决")
    FORCE = "force", _("不可抗力或客观条件所限")
    REPEATED = "repeated", _("同一人就已解决事项反复提出")
    MISTAKE = "mistake", _("登记或派遣差错")
    OTHER = "other", _("其他，详见说明")


class Period(TextChoices):
    """Over which days a register runs, counted from the day on which it is asked for."""

    TODAY = "today", _("当日")
    YESTERDAY = "yesterday", _("昨日")
    THIS_WEEK = "this_week", _("本周")
    LAST_WEEK = "last_week", _("上周")
    THIS_MONTH = "this_month", _("本月")
    LAST_MONTH = "last_month", _("上月")
    THIS_QUARTER = "this_quarter", _("本季度")
    THIS_YEAR = "this_year", _("本年度")


class PaperState(TextChoices):
    """How far a file is that a job makes."""

    WAITING = "waiting", _("正在生成")
    READY = "ready", _("可下载")
    FAILED = "failed", _("生成失败")


class BriefKind(TextChoices):
    """How long a brief looks back."""

    DAY = "day", _("日报")
    WEEK = "week", _("周报")
    MONTH = "month", _("月报")
