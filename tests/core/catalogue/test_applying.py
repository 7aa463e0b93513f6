"""A file is compared, confirmed and applied as a whole, and no clock that runs is ever moved by it."""

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Clock
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.models import Category, Duty, Standard, Upload
from gridloop.core.catalogue.rulebook import Limit, rulebook
from gridloop.core.catalogue.sheets.checking import check_file
from gridloop.core.catalogue.sheets.columns import Sheet
from gridloop.core.catalogue.sheets.comparing import Cell, What
from gridloop.core.catalogue.sheets.directory import load_directory
from gridloop.core.catalogue.sheets.held import held_on
from gridloop.core.catalogue.sheets.rows import Book
from gridloop.core.catalogue.sheets.writing import to_xlsx
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org import actions as org
from gridloop.core.org.actors import SYSTEM, actor_of
from gridloop.core.org.permissions import Role
from tests.conftest import shared_data
from tests.core.cases.factories import AT, handling, make_world
from tests.core.catalogue.factories import SINCE, make_catalogue, make_duty
from tests.core.catalogue.sheet_files import categories, csv_of, table, workbook
from tests.core.org.factories import make_person, make_post, make_town

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 1)


@pytest.fixture
def made():
    return make_catalogue()


def check(content, name="目录.csv", *, on=DAY, removes_missing=False):
    return check_file(content, name, effective_on=on, removes_missing=removes_missing)


def held(on=DAY):
    return held_on(on, load_directory())


def keep(content, name="目录.csv", *, on=DAY, removes_missing=False, actor=SYSTEM):
    options = {"effective_on": on, "removes_missing": removes_missing}
    return actions.keep_upload(content, name, **options, actor=actor, at=timezone.now())


def apply(content, name="目录.csv", **options):
    upload = keep(content, name, **options)
    return actions.apply_upload(upload.pk, expected=upload.fingerprint, actor=SYSTEM, at=timezone.now())


def limits(*rows):
    return csv_of(table(Sheet.LIMITS, *({"类别编码": code, "处置": text} for code, text in rows)))


# there and back ------------------------------------------------------------------------------------------------


def test_an_exported_rulebook_is_the_rulebook(made):
    town = make_town()
    make_duty(made.litter, town.office, assist_unit_ids=[town.centre.pk], is_local_assist=True)
    actions.set_duty(made.weeds.pk, SINCE, region_id=town.village.pk, is_local_lead=True)
    actions.set_duty(
        made.main.pk, SINCE, lead_name="环卫所", assist_names="甲站、乙队", basis="镇政府 2026 年 1 号"
    )
    checked = check(to_xlsx(held()), "目录.xlsx", removes_missing=True)
    assert checked.problems == ()
    assert not checked.difference


def test_naughty_texts_come_back_from_a_workbook_as_they_went_in(made):
    texts = json.loads(shared_data("naughty/blns.json").read_text())
    kept = [text for text in texts if text.isprintable() and 0 < len(text.strip()) < 4000]
    rows = [{"类别编码": "0101", "立案条件": "\n".join(kept[:60]), "结案条件": text} for text in kept]
    for row in (*rows[:40], {"类别编码": "0101", "立案条件": "=1+1", "结案条件": "@SUM(A1)"}):
        checked = check(csv_of(table(Sheet.STANDARDS, row)))
        assert checked.problems == ()
        apply(csv_of(table(Sheet.STANDARDS, row)))
        assert not check(to_xlsx(held()), "目录.xlsx").difference


def test_an_export_is_of_one_day(made):
    actions.set_standard(made.litter.pk, DAY, limits={Stage.HANDLE: Limit(9, LimitUnit.DAY)})
    hours = [held(day).limits["0101"].limits[Stage.HANDLE].amount for day in (DAY - timedelta(days=1), DAY)]
    assert hours == [4, 9]


def test_what_was_withdrawn_or_says_nothing_is_not_exported(made):
    make_duty(made.litter, make_town().office)
    actions.withdraw_duty(made.litter.pk, DAY)
    actions.set_standard(made.litter.pk, DAY, limits={}, opening="")
    book = held()
    assert book.duties == {}
    assert "0101" not in {**book.limits, **book.standards}


def test_the_template_has_every_sheet_and_column_and_no_row():
    checked = check(to_xlsx(Book()), "模板.xlsx", removes_missing=True)
    assert checked.problems == ()
    assert not checked.difference


def test_reading_what_is_held_takes_a_bounded_number_of_queries(made, django_assert_num_queries):
    make_duty(made.litter, make_town().office)
    directory = load_directory()
    with django_assert_num_queries(5):
        held_on(DAY, directory)


# the difference ------------------------------------------------------------------------------------------------


def test_a_changed_row_is_told_cell_by_cell(made):
    (change,) = check(
        categories({"编码": "0101", "名称": "垃圾", "关键词": "垃圾、垃圾堆", "图标": "trash"})
    ).difference.changes
    assert (change.what, change.sheet, change.key) == (What.CHANGED, Sheet.CATEGORIES, "0101")
    assert change.cells() == [Cell("名称", "暴露垃圾", "垃圾")]


def test_a_new_row_is_added_and_one_that_the_file_lacks_stays(made):
    difference = check(categories({"编码": "0199", "名称": "其他"})).difference
    assert [(c.what, c.key) for c in difference.changes] == [(What.ADDED, "0199")]


def test_rows_that_the_file_lacks_are_removed_where_that_is_asked_for(made):
    content = categories({"编码": "01", "名称": "市容环境", "关键词": "", "类型": "事件"})
    content = content.replace("脏".encode(), b"")
    difference = check(content, removes_missing=True).difference
    assert [(c.what, c.key) for c in difference.changes] == [(What.REMOVED, "0101"), (What.REMOVED, "0102")]


def test_a_sheet_that_the_file_lacks_is_not_touched(made):
    make_duty(made.litter, make_town().office)
    apply(limits(("默认", "5工作日"), ("0101", "4工作时")), removes_missing=True)
    assert not Duty.objects.filter(is_withdrawn=True).exists()


def test_the_fingerprint_follows_date_and_cells_old_and_new(made):
    prints = {
        check(limits(("0101", text)), on=on).difference.fingerprint
        for text in ("5日", "6日")
        for on in (DAY, date(2026, 8, 1))
    }
    actions.set_standard(made.litter.pk, DAY, limits={Stage.HANDLE: Limit(7, LimitUnit.DAY)})
    prints.add(check(limits(("0101", "5日"))).difference.fingerprint)
    assert len(prints) == 5
    assert all(len(text) == 64 for text in prints)


# applying ------------------------------------------------------------------------------------------------------


def test_a_file_of_all_sheets_is_applied_at_once(made):
    town = make_town()
    content = workbook(
        类别=table(
            Sheet.CATEGORIES,
            {"编码": "A1", "名称": "新", "类型": "服务"},
            {"编码": "A101", "名称": "甲", "类型": "服务"},
        ),
        标准=table(Sheet.STANDARDS, {"类别编码": "A101", "立案条件": "属实", "本地默认": "是"}),
        时限=table(Sheet.LIMITS, {"类别编码": "A101", "签收": "30分钟", "处置": "3工作日"}),
        履职清单=table(Sheet.DUTIES, {"类别编码": "A101", "履职类型": "基本履职", "主办单位": "综合执法局"}),
    )
    upload = apply(content, "目录.xlsx")
    assert (upload.added, upload.changed, upload.removed) == (5, 0, 0)
    book = rulebook()
    added = book.by_code("A101")
    standard = book.standard(added.id, DAY)
    assert (standard.opening, str(standard.limits[Stage.SIGN].unit)) == ("属实", "minute")
    assert book.duty(added.id, town.grid.path, DAY).lead_unit_id == town.office.pk
    assert Standard.objects.filter(category_id=added.id).count() == 1


def test_a_file_with_one_bad_row_changes_nothing_and_is_not_kept(made):
    with pytest.raises(actions.FileHasProblems) as refusal:
        keep(categories({"编码": "0199", "名称": "其他"}, {"编码": "02", "类型": "？"}))
    assert "第 3 行“类型”" in refusal.value.message
    assert not Upload.objects.exists()
    assert Category.objects.count() == 3


def test_a_removed_category_is_taken_out_of_use_and_a_removed_limit_falls_back(made):
    apply(categories({"编码": "0102", "名称": "杂草丛生", "关键词": "杂草", "启用": "否"}))
    apply(limits(("0101", "")))
    book = rulebook()
    assert [c.code for c in book.sub()] == ["0101"]
    assert book.standard(made.litter.pk, DAY).limits[Stage.HANDLE] == Limit(5, LimitUnit.WORKING_DAY)
    assert book.standard(made.litter.pk, DAY).opening == "有成堆垃圾"


def test_a_removed_duty_gives_way_from_the_day_on(made):
    town = make_town()
    make_duty(made.main, town.centre)
    make_duty(made.litter, town.office)
    row = {"类别编码": "01", "履职类型": "基本履职", "主办单位": "指挥中心"}
    apply(csv_of(table(Sheet.DUTIES, row)), removes_missing=True)
    leads = [
        rulebook().duty(made.litter.pk, town.grid.path, on).lead_unit_id
        for on in (DAY - timedelta(days=1), DAY)
    ]
    assert leads == [town.office.pk, town.centre.pk]


def test_an_import_never_touches_the_versions_before_its_day(made):
    before = list(Standard.objects.order_by("id").values())
    apply(limits(("默认", "1日"), ("0101", "1日"), ("0102", "1日")))
    assert list(Standard.objects.filter(effective_on=SINCE).order_by("id").values()) == before
    assert rulebook().standard(made.litter.pk, DAY - timedelta(days=1)).limits[Stage.HANDLE].amount == 4


def test_a_clock_that_runs_is_not_moved_by_a_new_standard():
    world = make_world()
    case = handling(world)
    before = list(Clock.objects.order_by("id").values())
    assert Clock.objects.filter(case=case, stopped_at=None).exists()
    apply(limits(("0101", "1工作时"), ("默认", "1工作时")), on=AT.date())
    assert list(Clock.objects.order_by("id").values()) == before
    started_later = handling(world, AT + timedelta(hours=1))
    handle = {c.case_id: (c.amount, c.unit) for c in Clock.objects.filter(stage=Stage.HANDLE)}
    assert handle[case.pk] == (4, LimitUnit.WORKING_HOUR)
    assert handle[started_later.pk] == (1, LimitUnit.WORKING_HOUR)


def test_it_is_refused_where_the_rulebook_has_changed_under_what_was_shown(made):
    upload = keep(limits(("0101", "5日")))
    actions.set_standard(made.litter.pk, DAY, limits={Stage.HANDLE: Limit(7, LimitUnit.DAY)})
    with pytest.raises(actions.RulebookChanged):
        actions.apply_upload(upload.pk, expected=upload.fingerprint, actor=SYSTEM, at=timezone.now())
    assert rulebook().standard(made.litter.pk, DAY).limits[Stage.HANDLE] == Limit(7, LimitUnit.DAY)
    upload.refresh_from_db()
    assert upload.applied_at is None


def test_a_change_elsewhere_in_the_rulebook_does_not_stand_in_the_way(made):
    upload = keep(limits(("0101", "5日")))
    actions.amend_category(made.weeds.pk, name="野草")
    actions.apply_upload(upload.pk, expected=upload.fingerprint, actor=SYSTEM, at=timezone.now())
    assert rulebook().standard(made.litter.pk, DAY).limits[Stage.HANDLE] == Limit(5, LimitUnit.DAY)


def test_it_is_refused_where_what_the_file_speaks_of_has_gone(made):
    town = make_town()
    row = {
        "类别编码": "0101",
        "履职类型": "基本履职",
        "主办单位": "office",
        "适用区划代码": town.village.code,
    }
    upload = keep(csv_of(table(Sheet.DUTIES, row)))
    org.add_unit(town.centre, code="office2", name="office", kind="team", region=town.town)
    with pytest.raises(actions.FileHasProblems):
        actions.apply_upload(upload.pk, expected=upload.fingerprint, actor=SYSTEM, at=timezone.now())


def test_a_file_is_applied_once(made):
    upload = apply(limits(("0101", "5日")))
    with pytest.raises(actions.AlreadyApplied):
        actions.apply_upload(upload.pk, expected=upload.fingerprint, actor=SYSTEM, at=timezone.now())


def test_an_upload_remembers_file_and_people(made):
    town = make_town()
    qian, sun = make_person("qian"), make_person("sun")
    content = limits(("0101", "5日"))
    upload = keep(content, actor=actor_of(make_post(qian, town.centre, Role.ADMIN, town.town)))
    applicant = actor_of(make_post(sun, town.centre, Role.ADMIN, town.town))
    actions.apply_upload(upload.pk, expected=upload.fingerprint, actor=applicant, at=timezone.now())
    upload.refresh_from_db()
    assert (bytes(upload.content), upload.uploaded_by, upload.applied_by) == (content, qian, sun)
    assert (upload.added, upload.changed, upload.removed) == (0, 1, 0)
    line = Entry.objects.get(verb="upload.apply")
    assert (line.user_id, line.data["changed"]) == (sun.pk, 1)


def test_a_unit_set_up_since_leads_once_the_export_is_imported_again(made):
    town = make_town()
    actions.set_duty(made.litter.pk, SINCE, lead_name="环卫所")
    content = to_xlsx(held())
    unit = org.add_unit(town.centre, code="hw", name="环卫所", kind="station", region=town.town)
    apply(content, "目录.xlsx")
    assert rulebook().duty(made.litter.pk, town.grid.path, DAY).lead_unit_id == unit.pk
