"""Joint handling in the town: rooms in which units speak, a meeting that was held, and one to come."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from gridloop.base.common.ids import Seeded, keys_from
from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.actions import Plan, Wish
from gridloop.capabilities.rooms.actions.reminding import remind
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions import add_assistant
from gridloop.core.cases.models import Case, OrderRole, WorkOrder
from gridloop.core.cases.workflow import OrderState, State
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import work_time
from gridloop.demo import cast
from gridloop.demo.rhythm import Rhythm

TALKS = 4  # rooms in which something is said, besides those of the meetings
LOOKED_AT = 300
ROOM = "指挥中心二楼会商室"
HELPER = "repair"
# Minutes of work before now.
CALLED_M, BEGAN_M, HELD_M, EARLY_M, TALK_M = 560, 330, 250, 620, 240

_LEAD_SAYS = (
    "已到现场核实，情况属实，正在联系责任人，下午继续处置。",
    "现场已拉设警示带，需要属地配合做好周边住户解释。",
)
_HELP_SAYS = ("收到，已安排人员在现场值守，有变化随时在这里说。", "周边住户已逐户说明，暂无新的反映。")
_CENTRE_SAYS = (
    "请按今天的分工推进，完成后在任务里办结，不必另行报表。",
    "现场照片传到案件附件即可，不用重复报送。",
)
_DECISIONS = (
    "由主办单位牵头，协办单位今天内完成现场配合，明早 9 点前办结。",
    "先消除安全隐患，再处理赔付争议，争议部分另行调解。",
)
_TASKS = ("摸清责任主体并书面告知", "设置警示标志并安排值守", "联系周边住户做好解释", "核对地下管线图纸")
MINUTES = (
    "一、执法局通报现场情况：问题反复出现，原因是路面沉降后反复积存。\n"
    "二、与会单位一致认为须清理与修补同步，分开办理会再次返工。\n"
    "三、执法局继续主办，市政养护队协办修补路面，三日内完成。"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A case with the people who speak about it."""

    case: Case
    lead: Actor
    helper: Actor | None
    helper_unit: int | None


def furnish(seed: int, *, now: datetime) -> None:
    """
    Open rooms, let people speak in them, hold one meeting and call another. Call it inside a transaction.

    A town of few cases has fewer rooms.
    """
    rng = Random(f"{seed}/rooms")
    stage = _Stage(rng, Rhythm(work_time(), now), cast.load())
    with keys_from(Seeded(Random(f"{seed}/rooms/keys"), now)):
        scenes = list(stage.scenes())
        if scenes:
            stage.hold(scenes.pop(0))
        for scene in scenes[:TALKS]:
            stage.talk(scene)
        stage.call()
        remind(now=now)


class _Stage:
    def __init__(self, rng: Random, rhythm: Rhythm, people: cast.Cast) -> None:
        self.rng, self.rhythm, self.people = rng, rhythm, people
        self.operator, self.leader = people.operators[0], people.leaders[0]

    def ago(self, minutes: int) -> datetime:
        return self.rhythm.before(self.rhythm.now, minutes)

    def scenes(self) -> Iterator[Scene]:
        """Yield open cases on which nothing was done since the first word of a room, those of `law` first."""
        law = self.people.unit("law").pk
        open_cases = Case.objects.filter(
            state=State.HANDLING, is_split=False, state_since__lt=self.ago(CALLED_M)
        )
        rows = [self._scene(case) for case in open_cases.order_by("pk")[:LOOKED_AT]]
        found = [scene for scene in rows if scene is not None]
        yield from sorted(found, key=lambda s: (s.lead.unit_id != law, s.helper is None, s.case.pk))

    def hold(self, scene: Scene) -> None:
        """A meeting that was held: minutes, and decisions that became a work order and a task."""
        case, helper = scene.case, self.people.unit(HELPER)
        began = self._half_hour(self.ago(BEGAN_M))
        actions.open_room(case.pk, actor=self.operator, at=self.ago(CALLED_M))
        meeting = actions.call_meeting(
            Plan(
                title=f"联合处置：{case.title}"[:60],
                venue=ROOM,
                starts_at=began,
                ends_at=began + timedelta(hours=1),
                case_ids=(case.pk,),
                unit_ids=tuple(dict.fromkeys([scene.lead.unit_id or 0, helper.pk])),
                agenda="1. 通报现场情况\n2. 明确分工和完成时限\n3. 其他",
            ),
            actor=self.operator,
            at=self.ago(CALLED_M),
        )
        done = max(self.ago(HELD_M), began + timedelta(minutes=30))
        actions.record_minutes(
            meeting.pk,
            actor=self.operator,
            at=done,
            chair="值班领导",
            minutes=MINUTES,
            attendance={row.pk: (True, "") for row in meeting.invitations.all()},
        )
        due = timezone.localdate(self.rhythm.now) + timedelta(days=2)
        wishes = [Wish("三日内完成清理并回填警示标志", "task", case.pk, scene.lead.unit_id, due_on=due)]
        if helper.pk not in _units(case):
            wishes.insert(0, Wish("协办修补路面，与清理同步", "add_assistant", case.pk, helper.pk))
        for wish in wishes:
            actions.decide(meeting.pk, wish, actor=self.leader, at=done)
        actions.carry_out(meeting.pk, actor=self.leader, at=done)

    def talk(self, scene: Scene) -> None:
        """A room in which the lead, an assistant and the centre speak, with tasks done, due and late."""
        rng, key = self.rng, scene.case.pk
        today = timezone.localdate(self.rhythm.now)
        early, talk = self.ago(CALLED_M - rng.randrange(40)), self.ago(TALK_M - rng.randrange(60))
        actions.open_room(key, actor=self.operator, at=early)
        scene = self._with_helper(scene, early)
        lead = scene.lead
        titles = rng.sample(_TASKS, 3)
        late, soon = timezone.localdate(early), today + timedelta(days=1)
        actions.add_task(
            key, actor=self.operator, at=early, title=titles[0], unit_id=lead.unit_id or 0, due_on=late
        )
        actions.say(key, actor=lead, at=talk, body=rng.choice(_LEAD_SAYS))
        if scene.helper and scene.helper_unit:
            self._help(scene, talk, titles[1], soon)
        actions.say(
            key,
            actor=self.leader,
            at=talk + timedelta(minutes=25),
            body=rng.choice(_DECISIONS),
            kind="decision",
            mention_ids=[lead.unit_id or 0],
        )
        words = f"@{self._name(lead.unit_id)} {rng.choice(_CENTRE_SAYS)}"
        actions.say(key, actor=self.operator, at=talk + timedelta(minutes=40), body=words)
        actions.add_task(
            key,
            actor=self.operator,
            at=talk + timedelta(minutes=41),
            title=titles[2],
            unit_id=lead.unit_id or 0,
            due_on=soon,
        )

    def call(self) -> None:
        """The meeting that is coming up fixes the lead of a case that was sent back twice."""
        case = Case.objects.filter(state=State.REGISTERED, is_adjudicating=True).order_by("pk").last()
        if case is None:
            return
        begins = self._half_hour(self.rhythm.after(self.rng, self.rhythm.now, 300))
        units = list(
            dict.fromkeys(WorkOrder.objects.filter(case=case).order_by("pk").values_list("unit", flat=True))
        )
        law = self.people.unit("law").pk
        actions.call_meeting(
            Plan(
                title=f"裁定主办单位：{case.title}"[:60],
                venue=ROOM,
                starts_at=begins,
                ends_at=begins + timedelta(hours=1),
                case_ids=(case.pk,),
                unit_ids=tuple(dict.fromkeys([*units, law])),
                person_ids=(self.leader.user_id or 0,),
                agenda="1. 两家退单单位说明理由\n2. 对照履职清单\n3. 裁定主办单位，裁定后不得退单",
            ),
            actor=self.operator,
            at=self.rhythm.now - timedelta(minutes=20),
        )

    def _with_helper(self, scene: Scene, at: datetime) -> Scene:
        """Bring a unit in beside a lead who is alone."""
        unit = self.people.unit(HELPER).pk
        if scene.helper is not None or unit in _units(scene.case):
            return scene
        add_assistant(scene.case.pk, actor=self.operator, at=at, unit_id=unit, demand="配合现场处置。")
        return replace(scene, helper=self.people.handlers[unit][0], helper_unit=unit)

    def _help(self, scene: Scene, talk: datetime, title: str, due: date) -> None:
        key, helper, unit = scene.case.pk, scene.helper, scene.helper_unit
        if helper is None or unit is None:
            return
        words = f"@{self._name(unit)} 请派人到现场配合。"
        actions.say(key, actor=scene.lead, at=talk + timedelta(minutes=4), body=words)
        task = actions.add_task(
            key, actor=scene.lead, at=talk + timedelta(minutes=5), title=title, unit_id=unit, due_on=due
        )
        actions.say(key, actor=helper, at=talk + timedelta(minutes=15), body=self.rng.choice(_HELP_SAYS))
        actions.end_task(task.pk, actor=helper, at=talk + timedelta(minutes=50), outcome="已完成。")

    def _scene(self, case: Case) -> Scene | None:
        if Entry.objects.filter(stream=case.pk).order_by("-seq").values_list("at", flat=True)[0] >= self.ago(
            CALLED_M
        ):
            return None
        running = [OrderState.ISSUED, OrderState.HANDLING]
        orders = list(case.orders.filter(state__in=running).order_by("pk"))
        lead = next((o.unit_id for o in orders if o.role == OrderRole.LEAD), None)
        helper = next((o.unit_id for o in orders if o.role == OrderRole.ASSIST), None)
        if lead is None or lead not in self.people.handlers:
            return None
        can_help = helper is not None and helper in self.people.handlers
        return Scene(
            case,
            self.people.handlers[lead][0],
            self.people.handlers[helper][0] if can_help and helper else None,
            helper if can_help else None,
        )

    def _name(self, unit_id: int | None) -> str:
        return self.people.units[unit_id or 0].name

    @staticmethod
    def _half_hour(at: datetime) -> datetime:
        return at.replace(minute=30 if at.minute >= 30 else 0, second=0, microsecond=0)


def _units(case: Case) -> set[int]:
    running = [OrderState.ISSUED, OrderState.HANDLING, OrderState.DONE]
    return set(case.orders.filter(state__in=running).values_list("unit", flat=True))
