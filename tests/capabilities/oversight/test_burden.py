"""What may not be asked of the base is refused where it is written down, and the rest is counted."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.urls import reverse
from django.utils import timezone

from gridloop.base.common.asks import Asked
from gridloop.base.common.errors import InvalidInput
from gridloop.base.shell.asking import form_classes
from gridloop.capabilities.oversight.actions import (
    AsksTooMuch,
    count_day,
    count_missed,
    end_exemption,
    exempt,
    save_rule,
    save_step,
)
from gridloop.capabilities.oversight.burden import burden, everything_asked, findings
from gridloop.capabilities.oversight.commands import oversight
from gridloop.capabilities.oversight.lint import lint
from gridloop.capabilities.oversight.models import BurdenDay, BurdenExemption, ChainStep
from gridloop.core.cases import actions
from gridloop.core.catalogue.actions import set_standard
from gridloop.core.catalogue.defaults import load_default_rulebook
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, closed
from tests.core.org.factories import SignIn

FORBIDDEN = {
    "repeat": ["请再次填报隐患台账", "每周报送统计表", "纸质材料报送镇党政办", "线上线下同时录入"],
    "check_in": ["每天打卡一次", "网格员积分排名公示", "统计在线时长", "到岗签到", "巡查里程不少于5公里"],
    "forced": ["全员下载安装APP", "通报安装率", "每日登录系统", "必须注册账号"],
    "for_show": ["朋友圈点赞", "转发量计入考核", "学习时长不少于2小时", "统计网络投票数"],
    "traces": [
        "必须上传照片",
        "每次走访拍照",
        "照片不少于3张",
        "上传巡查轨迹",
        "附工作照",
        "全程录像",
        "至少两张照片",
    ],
}
ALLOWED = [
    "处置前后对比照片或现场核查记录，任选其一",
    "能说明结果的照片、文书或现场核查记录任选其一，不强制拍照",
    "不得要求打卡签到",
    "严禁统计在线时长",
    "无需上传照片",
    "禁止以点赞量、转发量评价工作",
    "取消积分排名",
    "隐患照片一张即可",
    "请核对现场是否恢复，听听上报人的意见",
    "定期检查消防栓",
]


def found(text: str) -> set[str]:
    return {one.pattern.value for one in lint(Asked(key="x", label="x", texts={"task": text}))}


@pytest.mark.parametrize(("pattern", "text"), [(p, text) for p, some in FORBIDDEN.items() for text in some])
def test_each_of_the_five_patterns_is_found(pattern: str, text: str):
    assert pattern in found(text)


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_allowed_or_speaks_against_it_is_not(text: str):
    assert found(text) == set()


def test_a_form_that_forces_a_file_or_asks_again_for_what_the_case_has_is_found():
    forced = Asked(key="x", label="x", names=("note", "photo"), required=2, photos=1, required_photos=1)
    assert [one.pattern.value for one in lint(forced)] == ["traces"]
    again = Asked(key="x", label="x", names=("note", "address"), verb="submit_result")
    assert [(one.pattern.value, one.field) for one in lint(again)] == [("repeat", "address")]
    assert lint(Asked(key="x", label="x", names=("address",), verb="amend")) == []


# all that we ask --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_form_and_no_rule_of_ours_shows_a_pattern():
    load_default_rulebook(at=AT)
    everything = everything_asked()
    keys = {one.key for one in everything}
    assert {"desk/report", "desk/submit_result", "desk/verify_fail"} <= keys
    assert any(key.startswith("standard/") for key in keys)
    assert len(form_classes()) > 40
    assert findings(everything) == []


@pytest.mark.django_db
def test_the_command_says_so_and_its_exit_code_too(world: World):
    run = CliRunner().invoke(oversight, ["lint"])
    assert (run.exit_code, "0 处不允许" in run.output) == (0, True)
    save_step(
        None, actor=world.leader, at=AT, level="overdue", amount=0, unit="minute", whom=["leader"], words=""
    )
    ChainStep.objects.update(words="请每日打卡")
    run = CliRunner().invoke(oversight, ["lint"])
    assert run.exit_code == 1
    assert "请每日打卡" in run.output


# saving a rule ----------------------------------------------------------------------------------------------


def chain(world: World, words: str) -> ChainStep:
    return save_step(
        None,
        actor=world.leader,
        at=timezone.now(),
        level="overdue",
        amount=0,
        unit="minute",
        whom=["unit"],
        words=words,
    )


@pytest.mark.django_db
def test_a_rule_that_asks_for_it_is_not_kept(world: World):
    with pytest.raises(AsksTooMuch) as refused:
        chain(world, "请上传巡查轨迹")
    assert "减负" in refused.value.message
    assert refused.value.fields == {"words": "非必要强制上传照片、视频或轨迹"}
    with pytest.raises(AsksTooMuch):
        save_rule(
            None, actor=world.leader, at=AT, name="复核", kind="field", period="daily", share=5, stratum="unit",
            task="每次核查必须拍照",
        )  # fmt: skip
    with pytest.raises(AsksTooMuch):
        set_standard(world.catalogue.litter.pk, timezone.localdate(AT), evidence="照片不少于3张")
    set_standard(world.catalogue.litter.pk, timezone.localdate(AT), evidence="照片或核查记录任选其一")


@pytest.mark.django_db
def test_in_an_emergency_somebody_answers_for_an_exemption_that_ends(world: World):
    now = timezone.now()
    leave = exempt(
        actor=world.leader, at=now, subject="oversight/chain", pattern="traces", reason="防汛抢险需掌握巡堤位置",
        until=now + 3 * DAY,
    )  # fmt: skip
    assert leave.granted_as.endswith("值班领导")
    chain(world, "请上传巡查轨迹")
    with pytest.raises(AsksTooMuch):
        chain(world, "请每日打卡")
    end_exemption(leave.pk, actor=world.leader, at=now)
    with pytest.raises(AsksTooMuch):
        chain(world, "请上传巡查轨迹")
    for until, reason in ((now + 60 * DAY, "防汛"), (now - DAY, "防汛"), (now + DAY, "")):
        with pytest.raises(InvalidInput, match=r"有效期|应急"):
            exempt(actor=world.leader, at=now, subject="x", pattern="traces", reason=reason, until=until)


# figures ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_figures_are_what_the_closed_cases_asked_of_grid_workers(world: World):
    today = timezone.localdate()
    for n in range(3):
        closed(world, timezone.now() - 3 * DAY)
        own = factories.reported(world, timezone.now() - 3 * DAY + n * HOUR)
        actions.close_on_spot(
            own.pk, actor=world.worker, at=timezone.now() - 3 * DAY + n * HOUR, note="已扶正"
        )
    assert count_missed(today=today) == 31
    made = burden(today)
    uses = {use.asked.verb: use for use in made.uses}
    assert (made.closed, uses["report"].times, uses["close_on_spot"].times) == (6, 6, 3)
    asked = 6 * uses["report"].asked.fields + 3 * uses["close_on_spot"].asked.fields
    assert made.fields_a_case == round(asked / 6, 1)
    before = list(
        BurdenDay.objects.order_by("day", "measure", "verb").values_list("day", "measure", "verb", "number")
    )
    for day in {row[0] for row in before}:
        count_day(day)
    assert before == list(
        BurdenDay.objects.order_by("day", "measure", "verb").values_list("day", "measure", "verb", "number")
    )
    assert count_missed(today=today) == 0
    assert burden(today + timedelta(days=400)).fields_a_case is None


@pytest.mark.django_db
def test_the_page_shows_figures_and_keeps_exemptions(world: World, sign_in: SignIn):
    page = reverse("oversight:burden")
    leader = sign_in(world.leader)
    assert leader.get(page).context["findings"] == []
    until = (timezone.localdate() + 2 * DAY).isoformat()
    given = {"subject": "standard/town", "pattern": "traces", "reason": "台风", "until": until}
    assert leader.post(page, given | {"reason": ""}).status_code == 422
    leader.post(page, given)
    leave = BurdenExemption.objects.get()
    assert sign_in(world.operator).post(page, given).status_code == 403
    leader.post(reverse("oversight:end_exemption", args=[leave.pk]))
    leave.refresh_from_db()
    assert leave.ended_at is not None
