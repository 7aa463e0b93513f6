"""Resources, skills and settings: who writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.capabilities.incidents.config import REVISION, skill_names
from gridloop.capabilities.incidents.duty import tidy
from gridloop.capabilities.incidents.models import (
    Resource,
    ResourceKind,
    ResourceOwner,
    Settings,
    Skill,
    StockLine,
)
from gridloop.core.org.actions import log_act
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import jurisdiction, locate
from gridloop.core.org.models import Unit, User
from gridloop.core.org.policies import check_can
from gridloop.core.org.revisions import bump

# What towns call out, with codes that plans and searches use; a town adds its own.
COMMON_SKILLS = {
    "fire_rescue": "灭火救援",
    "medical": "医疗救护",
    "gas_repair": "燃气抢修",
    "power_repair": "电力抢修",
    "water_repair": "供水抢修",
    "drainage": "排水排涝",
    "hazmat": "危化品处置",
    "traffic_control": "交通疏导",
    "public_order": "秩序维护",
    "evacuation": "人员转移",
    "search": "人员搜寻",
    "water_rescue": "水上救援",
    "machinery": "工程机械",
    "tree_clearing": "树木清障",
    "communications": "应急通信",
    "counselling": "心理安抚",
    "repair": "市政抢修",
    "transport": "人员运输",
    "lighting": "照明供电",
}


class CodeTaken(DomainError):
    """Another resource has this code."""

    code = "resource-code-taken"


@dataclass(frozen=True, slots=True)
class Stock:
    """One line of a store."""

    item: str
    quantity: Decimal
    measure: str


@dataclass(frozen=True, slots=True)
class ResourceData:
    """
    All of a resource as a form or a sheet gives it; WGS-84 point. `contact` None leaves the number as it is.
    """

    code: str
    kind: str
    name: str
    unit_id: int
    lon: float
    lat: float
    address: str = ""
    skills: tuple[str, ...] = ()
    duty: str = ""
    contact: str | None = None
    capacity: int | None = None
    note: str = ""
    is_active: bool = True
    owner_ids: tuple[int, ...] = ()
    stock: tuple[Stock, ...] = ()


@transaction.atomic
def add_resource(data: ResourceData, *, actor: Actor, at: datetime) -> Resource:
    """
    Add a resource.

    :raises InvalidInput: a value is missing, unknown or out of range; `fields` names it.
    :raises CodeTaken: the code is used already.
    """
    check_can(actor, "incident.manage")
    values = _checked(data)
    if Resource.objects.filter(code=values["code"]).exists():
        raise CodeTaken(
            _("编号 %(code)s 已被使用，请换一个。") % {"code": values["code"]}, fields={"code": _("重复")}
        )
    row = Resource(**values, contact=data.contact or "")
    row.save(force_insert=True)
    _hang(row, data)
    log_act(row, "add", actor=actor, at=at)
    return row


@transaction.atomic
def amend_resource(resource_id: int, data: ResourceData, *, actor: Actor, at: datetime) -> Resource:
    """
    Bring a resource to what `data` says; its history keeps what changed. What runs keeps its calls.

    :raises NotFound: there is none.
    :raises InvalidInput, CodeTaken: as `add_resource`.
    """
    check_can(actor, "incident.manage")
    row = Resource.objects.select_for_update().filter(pk=resource_id).first()
    if row is None:
        raise NotFound(_("没有找到这个资源。"))
    values = _checked(data)
    if Resource.objects.filter(code=values["code"]).exclude(pk=row.pk).exists():
        raise CodeTaken(
            _("编号 %(code)s 已被使用，请换一个。") % {"code": values["code"]}, fields={"code": _("重复")}
        )
    if data.contact is not None and data.contact != row.contact:
        values["contact"] = data.contact
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    _hang(row, data)
    if changed:
        log_act(row, "amend", actor=actor, at=at, data={"fields": changed})
    return row


@transaction.atomic
def import_resources(rows: Sequence[ResourceData], *, actor: Actor, at: datetime) -> tuple[int, int]:
    """Add or amend all resources of a sheet by their codes, or none. Return (added, amended)."""
    known = dict(Resource.objects.filter(code__in=[r.code for r in rows]).values_list("code", "pk"))
    for data in rows:
        if pk := known.get(data.code):
            amend_resource(pk, data, actor=actor, at=at)
        else:
            add_resource(data, actor=actor, at=at)
    return len(rows) - len(known), len(known)


@transaction.atomic
def reveal_resource_contact(resource_id: int, *, actor: Actor, at: datetime) -> str:
    """Return the number in full; the log says who looked. :raises NotFound: there is no such resource."""
    check_can(actor, "incident.manage")
    row = Resource.objects.filter(pk=resource_id).first()
    if row is None:
        raise NotFound(_("没有找到这个资源。"))
    log_act(row, "reveal", actor=actor, at=at)
    return str(row.contact)


@transaction.atomic
def save_skill(code: str, name: str, *, actor: Actor) -> Skill:
    """Add a skill, or give one another name. :raises InvalidInput: a code not plain, a name taken."""
    check_can(actor, "incident.manage")
    code, name = code.strip(), name.strip()
    is_plain = (
        code[:1].isascii() and code[:1].islower() and code.replace("_", "a").isalnum() and code.isascii()
    )
    if not is_plain or code != code.lower() or len(code) > 24:
        raise InvalidInput(
            _("代码用小写英文字母、数字和下划线，例如 drone。"), fields={"code": _("格式不对")}
        )
    if not name or len(name) > 24 or Skill.objects.filter(name=name).exclude(pk=code).exists():
        raise InvalidInput(_("请填写不重复的技能名称（24 字以内）。"), fields={"name": _("必填或重复")})
    bump(REVISION)
    return Skill.objects.update_or_create(code=code, defaults={"name": name})[0]


@transaction.atomic
def load_common_skills(*, actor: Actor) -> int:
    """Add the usual skills that are not there yet; return how many."""
    check_can(actor, "incident.manage")
    known, names = set(skill_names()), set(skill_names().values())
    fresh = {code: name for code, name in COMMON_SKILLS.items() if code not in known and name not in names}
    bump(REVISION)
    return len(Skill.objects.bulk_create(Skill(code=code, name=name) for code, name in fresh.items()))


@transaction.atomic
def amend_settings(
    *, actor: Actor, answer_minutes: int, is_automatic: bool, detour: float, reach_m: int
) -> None:
    """Say how the centre calls. :raises InvalidInput: a number is out of range."""
    check_can(actor, "incident.manage")
    if not (1 <= answer_minutes <= 120 and 1 <= detour <= 5 and 100 <= reach_m <= 200_000):
        raise InvalidInput(_("应答时限 1—120 分钟，绕行系数 1—5，搜索范围 100—200000 米。"))
    values = {
        "answer_minutes": answer_minutes,
        "is_automatic": is_automatic,
        "detour": detour,
        "reach_m": reach_m,
    }
    bump(REVISION)
    Settings.objects.update_or_create(pk=1, defaults=values)


def _checked(data: ResourceData) -> dict[str, Any]:
    """Return the fields of the row. :raises InvalidInput: as `add_resource`."""
    wrong = _wrong(data)
    if wrong:
        raise InvalidInput(
            _("请检查标出的项目：%(names)s。") % {"names": "、".join(_LABELS[n] for n in wrong)}, fields=wrong
        )
    return {
        "code": data.code.strip(),
        "kind": str(data.kind),
        "name": data.name.strip(),
        "unit_id": data.unit_id,
        "region_id": locate(data.lon, data.lat).region_id or jurisdiction().pk,
        "address": data.address.strip(),
        "lon": data.lon,
        "lat": data.lat,
        "skills": sorted(set(data.skills)),
        "duty": tidy(data.duty),
        "capacity": data.capacity,
        "note": data.note.strip(),
        "is_active": data.is_active,
    }


_LABELS = {
    "code": "编号", "kind": "类型", "name": "名称", "unit": "单位", "lon": "位置", "skills": "技能",
    "capacity": "容量", "stock": "库存", "owners": "应答人员", "address": "值守地点", "note": "备注",
    "contact": "联系电话",
}  # fmt: skip


def _wrong(data: ResourceData) -> dict[str, str]:
    return _wrong_words(data) | _wrong_facts(data)


def _wrong_words(data: ResourceData) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name, most in (("code", 30), ("name", 60)):
        if not 0 < len(getattr(data, name).strip()) <= most:
            wrong[name] = _("必填，最多 %(most)s 个字") % {"most": most}
    for name, most in (("address", 120), ("note", 200), ("contact", 40)):
        if len(getattr(data, name) or "") > most:
            wrong[name] = _("最多 %(most)s 个字") % {"most": most}
    return wrong


def _wrong_facts(data: ResourceData) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if data.kind not in ResourceKind.values:
        wrong["kind"] = _("请选择")
    if not (-180 <= data.lon <= 180 and -90 <= data.lat <= 90):
        wrong["lon"] = _("经纬度超出范围")
    if unknown := set(data.skills) - skill_names().keys():
        wrong["skills"] = _("没有这些技能：%(names)s") % {"names": "、".join(sorted(unknown))}
    if not Unit.objects.filter(pk=data.unit_id).exists():
        wrong["unit"] = _("没有这个单位")
    if len(set(data.owner_ids)) != User.objects.filter(pk__in=data.owner_ids, is_active=True).count():
        wrong["owners"] = _("有人员不存在或已停用")
    items = [line.item for line in data.stock]
    if len(set(items)) != len(items) or any(
        not s.item or s.quantity < 0 or not s.measure for s in data.stock
    ):
        wrong["stock"] = _("每行写物资、数量、单位，物资不重复")
    return wrong


def _hang(row: Resource, data: ResourceData) -> None:
    """Bring owners and stock to what is said, touching only what differs, for a history that can be read."""
    held = set(row.owner_links.values_list("user_id", flat=True))
    row.owner_links.filter(user_id__in=held - set(data.owner_ids)).delete()
    ResourceOwner.objects.bulk_create(
        ResourceOwner(resource=row, user_id=pk) for pk in sorted(set(data.owner_ids) - held)
    )
    _hang_stock(row, data.stock)


def _hang_stock(row: Resource, lines: Iterable[Stock]) -> None:
    held = {line.item: line for line in row.stock.all()}
    wanted = {line.item: line for line in lines}
    row.stock.filter(item__in=held.keys() - wanted.keys()).delete()
    for item, line in wanted.items():
        there = held.get(item)
        if there is None:
            StockLine.objects.create(resource=row, item=item, quantity=line.quantity, measure=line.measure)
        elif (there.quantity, there.measure) != (line.quantity, line.measure):
            there.quantity, there.measure = line.quantity, line.measure
            there.save(update_fields=["quantity", "measure"])
