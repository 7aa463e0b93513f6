"""The rulebook that comes with Gridloop: complete, sound, sourced, and good at guessing what people mean."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from gridloop.base.common.importing import read_rows
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.defaults import default_rows, load_default_rulebook, unit_aliases
from gridloop.core.catalogue.models import Category, Duty, DutyKind, Standard
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.catalogue.sheets.checking import check_rows
from gridloop.core.catalogue.sheets.columns import Sheet
from gridloop.core.catalogue.sheets.directory import load_directory
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org import actions as org
from tests.conftest import shared_data
from tests.core.org.factories import make_town

pytestmark = pytest.mark.django_db

AT = datetime(2025, 12, 31, 17, 0, tzinfo=UTC)  # 2026-01-01 in Shanghai
DAY = date(2026, 1, 1)
SPRITE = Path(settings.PROJECT) / "src/gridloop/base/shell/static/shell/icons.svg"

SENTENCES = {
    "小区门口的路灯坏了好几天，晚上黑漆漆的": "0108",
    "人民路上污水井盖不见了，很危险": "0101",
    "雨水篦子被树叶堵住了": "0102",
    "十字路口的红绿灯不亮": "0201",
    "路面坑坑洼洼，电动车差点摔倒": "0208",
    "盲道地砖松动翘起来了": "0209",
    "垃圾桶满了没人收": "0303",
    "店铺的广告牌松动，快掉下来了": "0304",
    "有人在绿化带里毁绿种菜": "0403",
    "河边护栏坏了，旁边就是河道护栏缺口": "0501",
    "村口有一大堆生活垃圾没人清": "1101",
    "有人半夜偷倒装修垃圾，砖头瓦砾堆在路边": "1102",
    "下雨后道路积水，车都过不去": "1104",
    "邻居在楼顶私自搭建彩钢房": "1106",
    "田里有人烧秸秆，烟很大": "1108",
    "下水道堵塞，污水横流": "1110",
    "电线杆上贴满小广告": "1201",
    "工地没有洒水，扬尘很大": "1301",
    "厨房里闻到煤气味": "1403",
    "家里停水一天了": "1404",
    "学校门口很多流动摊贩占道经营": "1501",
    "水果店出店经营，东西摆到人行道上": "1502",
    "共享单车堆积在地铁口": "1504",
    "小区里停着一辆僵尸车": "1505",
    "工地夜间施工，打桩声吵得睡不着": "ZS01",
    "广场舞音响太大": "ZS02",
    "楼上装修噪音，周末也不停": "ZS05",
    "一个大厂房分租给好几家，典型的厂中厂": "XF01",
    "有人从五楼飞线充电": "XF03",
    "邻居把电瓶车推进楼道充电": "XF04",
    "私家车长期占用消防通道": "XF05",
    "楼道的灭火器过期了": "XF07",
    "仓库着火了，冒烟": "XF13",
    "电梯困人了": "AQ04",
    "化工厂晚上排刺鼻气味的废气": "HB01",
    "楼下饭店油烟扰民": "HB02",
    "工厂用暗管偷排废水": "HB03",
    "河水发黑发臭": "HB04",
    "养猪场臭味熏人": "HB05",
    "物业服务差，物业不作为": "WY01",
    "楼顶漏水一直没人修": "WY04",
    "和邻居因为滴水闹矛盾，邻里纠纷": "MD01",
    "健身卡办了没几天老板卷款跑路，不退钱": "MD05",
    "公司拖欠工资三个月": "LD01",
    "工地包工头跑了，农民工工资没着落": "LD02",
    "企业想咨询惠企政策怎么申报补贴": "QY01",
    "超市卖过期食品": "QY10",
    "申请宅基地翻建房子怎么办手续": "NC01",
    "灌溉的水渠堵了": "SW06",
    "低保什么时候能办下来": "MS01",
    "孩子入学要什么材料": "MS05",
    "接到诈骗电话，钱被骗走了": "PA02",
}


@pytest.fixture
def _loaded():
    load_default_rulebook(at=AT)


def test_it_parses_without_a_problem():
    checked = check_rows(default_rows(), load_directory(unit_aliases()), effective_on=DAY)
    assert checked.problems == ()


@pytest.mark.usefixtures("_loaded")
def test_it_has_at_least_120_sub_categories_under_components_events_and_services():
    assert Category.objects.sub().count() >= 120
    kinds = set(Category.objects.main().values_list("kind", flat=True))
    assert kinds == {"component", "event", "service"}


@pytest.mark.usefixtures("_loaded")
def test_every_sub_category_has_keywords_conditions_evidence_five_limits_and_a_duty():
    book, town = rulebook(), make_town()
    keywords = dict(Category.objects.values_list("id", "keywords"))
    for category in book.sub():
        standard = book.standard(category.id, DAY)
        own = Standard.objects.get(category_id=category.id)
        assert len(keywords[category.id]) >= 3, category
        assert own.opening, category
        assert own.closing, category
        assert standard.evidence, category
        assert set(standard.limits) == set(Stage), category
        assert own.limits.filter(stage=Stage.HANDLE).exists(), category
        assert book.duty(category.id, town.grid.path, DAY), category


@pytest.mark.usefixtures("_loaded")
def test_every_icon_is_one_that_the_shell_draws():
    drawn = set(re.findall(r'id="([a-z0-9-]+)"', SPRITE.read_text()))
    assert set(Category.objects.values_list("icon", flat=True)) <= drawn


@pytest.mark.usefixtures("_loaded")
def test_what_is_not_marked_as_a_local_default_names_its_source():
    sourced = Standard.objects.filter(is_local_default=False)
    assert sourced.exists()
    assert not sourced.filter(basis="").exists()
    assert not Duty.objects.filter(is_local_default=False, basis="").exists()


@pytest.mark.usefixtures("_loaded")
def test_the_limits_of_petitions_are_those_of_the_regulation():
    """依据: 信访工作条例 §22, §23, §34."""
    petition = rulebook().by_name("信访事项")
    limits = rulebook().standard(petition.id, DAY).limits
    assert [(limits[s].amount, limits[s].unit) for s in (Stage.ACCEPT, Stage.HANDLE)] == [
        (15, "day"),
        (60, "day"),
    ]


@pytest.mark.usefixtures("_loaded")
def test_all_three_duty_lists_are_used():
    assert set(Duty.objects.values_list("kind", flat=True)) == set(DutyKind.values)


@pytest.mark.usefixtures("_loaded")
def test_what_a_resident_writes_leads_to_its_category():
    book = rulebook()
    first = {sentence: _codes(book, sentence)[:1] for sentence in SENTENCES}
    assert len(SENTENCES) >= 40
    assert {s: codes for s, codes in first.items() if codes != [SENTENCES[s]]} == {}


@pytest.mark.usefixtures("_loaded")
def test_the_words_of_real_requests_of_a_district_find_a_category_four_times_out_of_five():
    names = Counter(row["SUB_TYPE_NAME"] for _n, row in read_rows(shared_data("pingshan/events.csv")))
    book = rulebook()
    found = sum(count for name, count in names.items() if book.suggest(name))
    assert found / names.total() >= 0.8


def _codes(book, sentence):
    return [book.category(found.category_id).code for found in book.suggest(sentence)]


def test_a_unit_is_found_under_the_name_that_this_town_has_for_it():
    town = make_town()
    load_default_rulebook(at=AT)
    duty = rulebook().duty(rulebook().by_code("1501").id, town.grid.path, DAY)
    assert (duty.lead_unit_id, duty.lead_name) == (town.office.pk, "")


def test_a_unit_that_is_not_set_up_is_kept_by_name():
    town = make_town()
    load_default_rulebook(at=AT)
    duty = rulebook().duty(rulebook().by_code("1101").id, town.grid.path, DAY)
    assert (duty.lead_unit_id, duty.lead_name) == (None, "环卫所")
    assert duty.assist_unit_ids == (town.committee.pk,)


def test_it_holds_from_the_local_day_on():
    load_default_rulebook(at=AT)
    assert set(Standard.objects.values_list("effective_on", flat=True)) == {DAY}


def test_loading_it_again_changes_nothing():
    assert load_default_rulebook(at=AT)
    assert not load_default_rulebook(at=AT)


def test_what_the_town_has_changed_is_left_as_it_is():
    load_default_rulebook(at=AT)
    lamp = Category.objects.get(code="0108")
    actions.amend_category(lamp.pk, name="路灯（本镇）")
    Duty.objects.filter(category__code="0201").delete()
    added = load_default_rulebook(at=AT)
    assert [(c.sheet, c.key) for c in added.changes] == [(Sheet.DUTIES, "0201")]
    lamp.refresh_from_db()
    assert lamp.name == "路灯（本镇）"


def test_a_unit_set_up_later_leads_once_the_rulebook_is_loaded_again():
    town = make_town()
    load_default_rulebook(at=AT)
    police = org.add_unit(town.centre, code="pcs", name="云溪派出所", kind="station", region=town.town)
    load_default_rulebook(at=AT)
    duty = rulebook().duty(rulebook().by_code("PA01").id, town.grid.path, DAY)
    assert duty.lead_unit_id == police.pk
