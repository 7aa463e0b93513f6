"""What people read for a stage and for a unit of time."""

from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.stages import Stage

Label: TypeAlias = str | Promise

STAGE_LABELS: dict[Stage, Label] = {
    Stage.ACCEPT: _("受理"),
    Stage.DISPATCH: _("派遣"),
    Stage.SIGN: pgettext_lazy("stage", "签收"),
    Stage.HANDLE: _("处置"),
    Stage.VERIFY: _("核查"),
}
UNIT_LABELS: dict[LimitUnit, Label] = {
    LimitUnit.MINUTE: _("分钟"),
    LimitUnit.WORKING_HOUR: _("工作时"),
    LimitUnit.WORKING_DAY: _("工作日"),
    LimitUnit.DAY: _("日"),
}
