"""Several cases: duplicates merged and parted again, one case split, related ones linked, a copy made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gridloop.base.common.coordinates import CoordinateSystem
from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.base.common.ids import new_id
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions.intake import Intake, begin, next_number, report
from gridloop.core.cases.actions.move import Move, consequence, lock_files, store, verb, verb_locking
from gridloop.core.cases.actions.triage import go_own_way, register
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.cases.models import Case, CaseLink
from gridloop.core.cases.policies import check_visible
from gridloop.core.cases.workflow import ENDED, State
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.core.org.policies import check_can


@dataclass(frozen=True, slots=True)
class Part:
    """One of the cases that a case is split into."""

    description: str
    category_id: int | None = None
    title: str = ""


def _master_given(_case_id: UUID, *, into: UUID, **_details: Any) -> Iterable[UUID]:
    return (into,)


def _master_of(case_id: UUID, **_details: Any) -> Iterable[UUID]:
    master = Case.objects.filter(pk=case_id).values_list("merged_into", flat=True).first()
    return (master,) if master else ()


def _the_other(_case_id: UUID, *, other: UUID, **_details: Any) -> Iterable[UUID]:
    return (other,)


@verb_locking(_master_given)
def merge(move: Move, *, into: UUID) -> None:
    """
    并案: let a duplicate go along with the case `into`. Its clocks stand still, its reporter follows the
    other's end.

    :raises InvalidInput: the two are the same, one of them is a drill, the other has ended, or others were
        merged into the duplicate.
    """
    master = _other_file(move, into)
    if master.case.pk == move.case.parent_id or master.case.parent_id == move.case.pk:
        raise InvalidInput(_("案件不能与自己拆分出的案件合并。"), fields={"into": _("请选择其他案件")})
    if master.case.is_drill != move.case.is_drill:
        raise InvalidInput(_("演练案件不能与真实案件合并。"), fields={"into": _("请选择其他案件")})
    if master.case.state in ENDED:
        raise InvalidInput(_("目标案件已结束，不能并入。"), fields={"into": _("请选择在办案件")})
    if move.case.duplicates.exists():
        raise InvalidInput(_("已有案件并入本案件，请把它们改并到目标案件，或反向并案。"))
    move.change(merged_into_id=into, closed_at=move.at, resume_at=None)
    move.record(into=into, number=master.case.number)
    consequence("take_in", master, at=move.at, case=move.case.pk, number=move.case.number)


@verb_locking(_master_of)
def unmerge(move: Move) -> None:
    """撤销并案: part a merged case again; it goes on where it was, its clocks too."""
    master = move.case.merged_into_id
    go_own_way(move)
    if master is not None and master in move.others:
        other = move.others[master]
        consequence("let_go", other, at=move.at, case=move.case.pk, number=move.case.number)


@verb
def split(move: Move, *, parts: Iterable[Part]) -> None:
    """
    拆分: make a registered case of each part. The case itself is handled when all its parts have ended.

    :raises InvalidInput: fewer than two parts.
    """
    wanted = list(parts)
    if len(wanted) < 2:
        raise InvalidInput(_("请至少拆成两个案件。"), fields={"parts": _("不足两个")})
    children = [_child(move, part) for part in wanted]
    move.file.unfinished_children += len(children)
    move.change(is_split=True)
    move.record(children=[child.case.number for child in children])
    move.follow_orders()


@verb_locking(_the_other)
def link(move: Move, *, other: UUID) -> None:
    """关联: note that two cases have to do with each other. Linking twice changes nothing but the log."""
    _other_file(move, other)
    first, second = sorted((move.case.pk, other))
    if not CaseLink.objects.filter(first=first, second=second).exists():
        move.file.add(CaseLink(first_id=first, second_id=second))
    move.record(other=other)


@verb_locking(_the_other)
def unlink(move: Move, *, other: UUID) -> None:
    """取消关联: take the note back. :raises InvalidInput: the two are not linked."""
    first, second = sorted((move.case.pk, other))
    gone, _tables = CaseLink.objects.filter(first=first, second=second).delete()
    if not gone:
        raise InvalidInput(_("两个案件没有关联。"))
    move.record(other=other)


def copy(case_id: UUID, *, actor: Actor, at: datetime, new_case_id: UUID | None = None) -> Case:
    """
    复制: report a new case with the content and place of a visible one; reporter, log and deadlines stay
    behind.

    :raises NotFound: the case is not visible to the actor.
    :raises NotAllowed: the actor may not copy or report.
    """
    case = Case.objects.visible_to(actor).filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("没有找到这个案件。"))
    check_can(actor, "case.copy")
    return report(_intake_of(case), actor=actor, at=at, case_id=new_case_id)


def tell_parent(file: CaseFile, entry: Entry) -> None:
    """Tell a split case that one of its parts has ended; the last one makes it handled."""
    parent_id = file.case.parent_id
    if parent_id is None:
        return
    parent = lock_files([parent_id])[parent_id]
    if parent.case.state == State.HANDLING:
        consequence("child_ended", parent, at=entry.at, case=file.case.pk, number=file.case.number)
        store(parent)


def _child(move: Move, part: Part) -> CaseFile:
    intake = _intake_of(
        move.case, description=part.description, title=part.title, category_id=part.category_id
    )
    file = begin(
        intake,
        actor=move.actor,
        at=move.at,
        key=move.file.seeded.key() if move.file.seeded else new_id(),
        number=next_number(move.at),
        times=move.file.times,
        parent=move.case,
        seeded=move.file.seeded,
    )
    register.on(file, actor=move.actor, at=move.at)
    move.others[file.case.pk] = file
    return file


def _intake_of(case: Case, **changes: Any) -> Intake:
    values: dict[str, Any] = {
        "description": case.description,
        "title": case.title,
        "channel": Channel(case.channel),
        "category_id": case.category_id,
        "kind": case.kind,
        "demand": Demand(case.demand),
        "urgency": Urgency(case.urgency),
        "address": case.address,
        "lon": case.lon,
        "lat": case.lat,
        "coordinate_source": CoordinateSystem.WGS84,
        "region_id": case.region_id,
        "is_confidential": case.is_confidential,
        "is_drill": case.is_drill,
    }
    return Intake(**values | {name: value for name, value in changes.items() if value})


def _other_file(move: Move, other: UUID) -> CaseFile:
    if other == move.case.pk:
        raise InvalidInput(_("不能选择案件自己。"))
    file = move.others[other]
    check_visible(file, move.actor)
    return file
