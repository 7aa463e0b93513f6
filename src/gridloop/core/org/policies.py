"""What the map and the person allow, as `check_x` that raise beside `can_x` that answer."""

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, NotAllowed
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Level, Region
from gridloop.core.org.permissions import PERMISSIONS

# Peers share a rank; a child lies strictly below its parent.
RANK = {
    Level.PROVINCE: 0,
    Level.CITY: 1,
    Level.DISTRICT: 2,
    Level.TOWN: 3,
    Level.VILLAGE: 4,
    Level.COMMUNITY: 4,
    Level.GRID: 5,
    Level.MICRO_GRID: 6,
}
_PARENT_OF_GRIDS = {
    Level.GRID: {Level.VILLAGE, Level.COMMUNITY},
    Level.MICRO_GRID: {Level.GRID},
}


class WrongPlaceInTree(DomainError):
    """A region cannot hang where it was asked to."""

    code = "wrong-place-in-tree"


def check_can(actor: Actor, permission: str) -> None:
    """
    Refuse whoever does not hold `permission`.

    :raises NotAllowed: the actor's role, or the key's scopes, do not give it.
    """
    if not actor.can(permission):
        raise NotAllowed(
            _("当前岗位没有“%(what)s”的权限，请切换岗位或联系系统管理员。")
            % {"what": PERMISSIONS[permission]},
            permission=permission,
        )


def check_hang(level: str, parent: Region | None) -> None:
    """
    Refuse a region of `level` under `parent`.

    A grid hangs under a village or a community, never directly under a town (依据: DB6101/T 3185-2024).

    :raises WrongPlaceInTree: the levels do not fit, or a grid has no village above it.
    """
    child = Level(level)
    if allowed := _PARENT_OF_GRIDS.get(child):
        if parent is None or Level(parent.level) not in allowed:
            raise WrongPlaceInTree(_why_no_grid(child, parent), level=level)
    elif parent and RANK[Level(parent.level)] >= RANK[child]:
        raise WrongPlaceInTree(
            _("%(child)s不能挂在“%(parent)s”（%(level)s）之下，请选择更高一级的区划作为上级。")
            % {"child": child.label, "parent": parent.name, "level": Level(parent.level).label},
            level=level,
        )


def _why_no_grid(child: Level, parent: Region | None) -> str:
    where = (
        _("“%(name)s”（%(level)s）") % {"name": parent.name, "level": Level(parent.level).label}
        if parent
        else _("顶层")
    )
    if child == Level.MICRO_GRID:
        return _("微网格必须挂在网格之下，不能挂在%(where)s下。请先选择所属的网格。") % {"where": where}
    return _("网格必须挂在村或社区之下，不能直接挂在%(where)s下。请先选择或新建所属的村（社区）。") % {
        "where": where
    }
