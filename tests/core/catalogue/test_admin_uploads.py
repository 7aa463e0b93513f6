"""A file of the rulebook in the admin: uploaded, looked at, confirmed; and taken home again."""

import re
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gridloop.core.audit.models import Entry
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.models import Category, Upload
from gridloop.core.catalogue.sheets.columns import GUIDE_SHEET, Sheet
from gridloop.core.catalogue.sheets.reading import MOST_BYTES, read
from tests.core.catalogue.sheet_files import categories

pytestmark = pytest.mark.django_db

ADD = reverse("admin:catalogue_upload_add")
LIST = reverse("admin:catalogue_upload_changelist")
DOWNLOAD = reverse("admin:catalogue_download")
RENAMED = categories({"编码": "0101", "名称": "垃圾", "关键词": "垃圾、垃圾堆", "图标": "trash"})


def page_of(upload):
    return reverse("admin:catalogue_upload_change", args=[upload.pk])


def send(desk, content=RENAMED, name="目录.csv", **said):
    said.setdefault("effective_on", timezone.localdate().isoformat())
    return desk.post(ADD, {"file": SimpleUploadedFile(name, content), **said})


def fingerprint(answer):
    return re.search(r'name="fingerprint" value="(\w{64})"', answer.content.decode())[1]


@pytest.fixture
def upload(desk, made):
    send(desk)
    return Upload.objects.get()


def test_a_sound_file_is_kept_and_leads_to_what_it_would_change(desk, made):
    answer = send(desk)
    upload = Upload.objects.get()
    assert (answer.status_code, answer.url) == (302, page_of(upload))
    text = desk.get(answer.url).content.decode()
    assert "<del>暴露垃圾</del> → <ins>垃圾</ins>" in text
    assert Category.objects.get(code="0101").name == "暴露垃圾"


def test_on_confirmation_it_is_applied_and_the_page_says_by_whom(desk, upload):
    shown = fingerprint(desk.get(page_of(upload)))
    answer = desk.post(page_of(upload), {"fingerprint": shown}, follow=True)
    assert Category.objects.get(code="0101").name == "垃圾"
    text = answer.content.decode()
    assert "顾管理" in text
    assert "新增 0，修改 1，停用 0" in text
    assert "确认应用" not in text
    assert Entry.objects.filter(verb="upload.apply").exists()


def test_the_change_is_remembered_as_that_persons(desk, gu, upload):
    desk.post(page_of(upload), {"fingerprint": fingerprint(desk.get(page_of(upload)))})
    litter = Category.objects.get(code="0101")
    event = litter.pgh_event_model.objects.filter(pgh_obj=litter.pk).latest("pgh_id")
    assert event.pgh_context.metadata["user"] == gu.pk


def test_where_the_rulebook_has_changed_meanwhile_the_fresh_difference_is_shown(desk, upload):
    shown = fingerprint(desk.get(page_of(upload)))
    actions.amend_category(Category.objects.get(code="0101").pk, name="生活垃圾")
    answer = desk.post(page_of(upload), {"fingerprint": shown})
    assert answer.status_code == 409
    assert "<del>生活垃圾</del>" in answer.content.decode()
    assert Category.objects.get(code="0101").name == "生活垃圾"
    assert desk.post(page_of(upload), {"fingerprint": fingerprint(answer)}).status_code == 302


def test_a_second_press_is_refused(desk, upload):
    shown = fingerprint(desk.get(page_of(upload)))
    desk.post(page_of(upload), {"fingerprint": shown})
    answer = desk.post(page_of(upload), {"fingerprint": shown})
    assert answer.status_code == 409
    assert "已经应用过" in answer.content.decode()


def test_every_mistake_is_listed_and_the_file_is_not_kept(desk, made):
    answer = send(desk, categories({"编码": "0101", "名称": ""}, {"编码": "9"}))
    assert answer.status_code == 422
    rows = re.findall(r"<tr><td>类别</td><td>(\d+)</td><td>(\w+)</td>", answer.content.decode())
    assert rows == [("2", "名称"), ("3", "编码")]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"%PDF-1.7", "目录.xlsx", "无法打开"),
        (b"", "目录.csv", "空"),
        (b"x" * (MOST_BYTES + 1), "目录.csv", "5 MB"),
        ("甲,乙\n1,2".encode(), "目录.csv", "没有可识别的工作表"),
    ],
)
def test_what_is_no_rulebook_is_refused_kindly(desk, made, content, name, word):
    answer = send(desk, content, name)
    assert answer.status_code == 422
    assert word in answer.content.decode()


def test_a_day_that_has_passed_is_refused(desk, made):
    answer = send(desk, effective_on=(timezone.localdate() - timedelta(days=1)).isoformat())
    assert answer.status_code == 422
    assert "不能早于今天" in answer.content.decode()


def test_a_file_that_says_what_is_held_has_nothing_to_confirm(desk, made):
    send(desk, categories({"编码": "0101", "名称": "暴露垃圾", "关键词": "垃圾、垃圾堆", "图标": "trash"}))
    text = desk.get(page_of(Upload.objects.get())).content.decode()
    assert "没有需要改动" in text
    assert "确认应用" not in text


def test_hostile_text_is_shown_as_text(desk, made):
    send(desk, categories({"编码": "0101", "名称": "<script>alert(1)</script>"}), '"><img src=x>.csv')
    for page in (page_of(Upload.objects.get()), LIST):
        text = desk.get(page).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_the_history_lists_who_brought_and_who_applied_each_file(desk, upload, django_assert_max_num_queries):
    for _n in range(20):
        send(desk)
    with django_assert_max_num_queries(10):
        answer = desk.get(LIST)
    rows = answer.context_data["cl"].result_list
    assert len(rows) == 21
    assert {row.uploaded_by.full_name for row in rows} == {"顾管理"}


def test_files_that_wait_can_be_told_from_those_applied(desk, upload):
    for _n in range(2):
        send(desk)
    desk.post(page_of(upload), {"fingerprint": fingerprint(desk.get(page_of(upload)))})
    counts = [
        len(desk.get(f"{LIST}?applied={word}").context_data["cl"].result_list) for word in ("yes", "no")
    ]
    assert counts == [1, 2]


def test_the_current_rulebook_can_be_taken_home_and_the_template_too(desk, made):
    current = desk.get(DOWNLOAD)
    assert current["Content-Disposition"].startswith("attachment")
    sheets = read(b"".join(current.streaming_content), "a.xlsx")
    assert [row.cells["编码"] for row in sheets[Sheet.CATEGORIES]] == ["01", "0101", "0102"]
    template = read(b"".join(desk.get(DOWNLOAD + "?template=1").streaming_content), "a.xlsx")
    assert template == {sheet: [] for sheet in Sheet}


def test_the_template_begins_with_a_guide(desk, made):
    content = b"".join(desk.get(DOWNLOAD + "?template=1").streaming_content)
    assert openpyxl.load_workbook(BytesIO(content)).sheetnames[0] == GUIDE_SHEET


def test_an_uploaded_file_is_given_back_as_it_came(desk, upload):
    answer = desk.get(reverse("admin:catalogue_upload_file", args=[upload.pk]))
    assert b"".join(answer.streaming_content) == RENAMED


def test_an_upload_that_is_not_there_is_not_found(desk, made):
    assert desk.get(reverse("admin:catalogue_upload_change", args=[99])).status_code == 404
    assert desk.get(reverse("admin:catalogue_upload_file", args=[99])).status_code == 404


def test_a_dispatcher_applies_nothing(outsider, desk, upload):
    shown = fingerprint(desk.get(page_of(upload)))
    assert outsider.post(page_of(upload), {"fingerprint": shown}).status_code in (302, 403)
    assert Category.objects.get(code="0101").name == "暴露垃圾"
