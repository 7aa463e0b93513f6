"""`gridloop import catalogue` and `gridloop export catalogue`."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone

from gridloop.core.catalogue.commands import catalogue, export_catalogue
from gridloop.core.catalogue.models import Category, Standard, Upload
from tests.core.catalogue.factories import make_catalogue
from tests.core.catalogue.sheet_files import categories

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "目录.csv"
    path.write_bytes(categories({"编码": "09", "名称": "新的"}))
    return path


def run(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_a_file_is_imported_and_kept_and_a_second_run_changes_nothing(file):
    assert "类别：新增 1" in run(catalogue, file).output
    assert Category.objects.get().name == "新的"
    assert Upload.objects.get().applied_at
    assert "没有需要改动" in run(catalogue, file).output
    assert Upload.objects.count() == 1


def test_a_dry_run_names_every_change_and_writes_nothing(file):
    make_catalogue()
    file.write_bytes(categories({"编码": "01", "名称": "市容市貌", "关键词": "脏"}))
    output = run(catalogue, file, "--dry-run").output
    assert "~ 类别 01" in output
    assert "名称：市容环境 → 市容市貌" in output
    assert Category.objects.get(code="01").name == "市容环境"
    assert not Upload.objects.exists()


def test_every_problem_is_named_and_nothing_is_imported(file):
    file.write_bytes(categories({"编码": "9"}, {"编码": "10", "类型": "？"}))
    result = run(catalogue, file)
    assert result.exit_code == 1
    assert "第 2 行“编码”" in result.output
    assert "第 3 行“类型”" in result.output
    assert not Category.objects.exists()


def test_rows_that_the_file_lacks_are_taken_out_of_use_only_when_asked(file):
    make_catalogue()
    run(catalogue, file)
    assert not Category.objects.filter(is_active=False).exists()
    run(catalogue, file, "--remove-missing")
    assert Category.objects.filter(is_active=True).count() == 1


def test_the_default_rulebook_is_loaded_once(file):
    assert "+ 类别 0101" in run(catalogue, "--default", "--dry-run").output
    assert not Category.objects.exists()
    assert "已写入" in run(catalogue, "--default").output
    assert "没有需要改动" in run(catalogue, "--default").output


def test_a_past_day_is_for_an_empty_rulebook_only(file):
    past = timezone.localdate() - timedelta(days=400)
    assert run(catalogue, "--default", "--effective-on", past).exit_code == 0
    assert set(Standard.objects.values_list("effective_on", flat=True)) == {past}
    result = run(catalogue, file, "--effective-on", past)
    assert result.exit_code == 2
    assert "不能改写" in result.output


@pytest.mark.parametrize("arguments", [[], ["--default", "x.csv"]])
def test_it_asks_for_a_file_or_the_default(arguments, tmp_path):
    (tmp_path / "x.csv").write_bytes(b"")
    arguments = [tmp_path / a if a == "x.csv" else a for a in arguments]
    assert "--default" in run(catalogue, *arguments).output


def test_what_is_exported_can_be_imported_and_says_the_same(tmp_path):
    make_catalogue()
    path = tmp_path / "导出.xlsx"
    assert "3 个类别" in run(export_catalogue, path).output
    assert "没有需要改动" in run(catalogue, path, "--remove-missing").output


def test_the_template_holds_no_rows(tmp_path):
    make_catalogue()
    path = tmp_path / "模板.xlsx"
    run(export_catalogue, path, "--template")
    assert "停用 3" in run(catalogue, path, "--remove-missing", "--dry-run").output
