"""Dry runs: what would have gone elsewhere, by flow and case by case, on the page and as a sheet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.actions.trials import flows
from gridloop.capabilities.dispatch.given import number
from gridloop.capabilities.dispatch.models import DryRun, DryRunCase
from gridloop.core.cases.choices import region_name, unit_name
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor

NOBODY = "none"  # in the address: no unit, a person judges
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NUMBER = re.compile(r"\d[\d\s-]{5,}[\dXx]")  # in a title: a telephone, an identity card


@dataclass(frozen=True, slots=True)
class Flow:
    """So many cases from one unit to another; `query` narrows the list to them."""

    source: str
    target: str
    count: int
    query: str


def shown_flows(dry_run: DryRun) -> list[Flow]:
    """Return the flows, the largest first."""
    return [
        Flow(_name(a), _name(b), n, f"source={a or NOBODY}&target={b or NOBODY}")
        for a, b, n in flows(dry_run)
    ]


def changes(dry_run: DryRun) -> list[str]:
    """Return what was tried, in sentences."""
    book, said = rulebook(), []
    for lead in dry_run.leads:
        category = book.category(lead["category_id"])
        said.append(
            _("“%(category)s”在%(region)s由%(unit)s主办")
            % {
                "category": category.name if category else "",
                "region": region_name(lead["region_id"]) or _("全镇"),
                "unit": unit_name(lead["unit_id"]),
            }
        )
    names = _("、").join(rule["name"] for rule in dry_run.rules)
    said.append(_("规则依次为：%(names)s") % {"names": names or _("没有规则")})
    return said


def moved(dry_run: DryRun, actor: Actor, *, source: str = "", target: str = "") -> QuerySet[DryRunCase]:
    """Return the cases that would have gone elsewhere and the actor may see, of one flow or of all."""
    found = DryRunCase.objects.filter(dry_run=dry_run, case__in=Case.objects.visible_to(actor))
    for name, wanted in {"source": source, "target": target}.items():
        if wanted == NOBODY:
            found = found.filter(**{f"{name}__isnull": True})
        elif unit_id := number(wanted):
            found = found.filter(**{name: unit_id})
    return found.select_related("case", "source", "target", "really")


def workbook(rows: QuerySet[DryRunCase], dry_run: DryRun) -> FileResponse:
    """Return the cases as a sheet, without anything that tells of a person."""
    file = TemporaryFile()  # noqa: SIM115  # the answer closes it when it has been sent
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("试跑"))
        sheet.freeze_panes(1, 0)
        for number, line in enumerate(_lines(rows)):
            sheet.write_row(number, 0, line)
    file.seek(0)
    name = _("派遣试跑-%(number)s.xlsx") % {"number": dry_run.pk}
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _lines(rows: QuerySet[DryRunCase]) -> Iterator[list[Any]]:
    yield [_("编号"), _("标题"), _("派遣时间"), _("现去向"), _("新去向"), _("实际去向"), _("理由")]
    for row in rows.order_by("-pk").iterator(chunk_size=1000):
        title = _("（保密件）") if row.case.is_confidential else _NUMBER.sub("***", row.case.title)
        at = f"{timezone.localtime(row.at):%Y-%m-%d %H:%M}"
        units = [_name(row.source_id), _name(row.target_id), _name(row.really_id)]
        yield [row.case.number, title, at, *units, row.words]


def _name(unit_id: int | None) -> str:
    return unit_name(unit_id) or _("人工判断")
