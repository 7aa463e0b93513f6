"""The minutes of a meeting as a paper."""

from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.days import in_words
from gridloop.base.common.documents import Document
from gridloop.capabilities.rooms.models import Invitation, Meeting
from gridloop.capabilities.rooms.present.meetings import (
    ResolutionRow,
)
from gridloop.core.cases.models import Case


def minutes_of(
    meeting: Meeting,
    invitations: list[Invitation],
    cases: list[Case],
    resolutions: list[ResolutionRow],
    town: str,
) -> Document:
    """Return the minutes: facts, who came, the cases that the reader sees, what was said and decided."""
    paper = Document(_("会商纪要"), subtitle=meeting.title)
    paper.facts(_facts(meeting))
    _add_people(paper, invitations)
    if cases:
        paper.heading(_("会商案件"))
        paper.table(
            [_("编号"), _("标题"), _("状态")],
            [[c.number, c.title, c.state_label] for c in cases],
            widths=[2, 4, 1],
        )
    for title, text in ((_("议程"), meeting.agenda), (_("纪要"), meeting.minutes)):
        if text:
            paper.heading(title)
            paper.paragraph(text)
    _add_resolutions(paper, resolutions)
    day = timezone.localdate(meeting.held_at or meeting.starts_at)
    unit = meeting.called_in.name if meeting.called_in else ""
    paper.sign(f"{town}{unit}", in_words(day))
    return paper


def _facts(meeting: Meeting) -> list[tuple[str, str]]:
    starts, ends = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    same_day = starts.date() == ends.date()
    until = f"{ends:%H:%M}" if same_day else f"{ends:%Y-%m-%d %H:%M}"
    return [
        (_("时间"), f"{starts:%Y-%m-%d %H:%M}—{until}"),
        (_("地点"), meeting.venue),
        (_("召集单位"), meeting.called_in.name if meeting.called_in else ""),
        (_("主持人"), meeting.chair),
        (_("状态"), str(meeting.get_state_display())),
    ]


def _add_people(paper: Document, invitations: list[Invitation]) -> None:
    said = {True: _("到会"), False: _("缺席"), None: _("未登记")}
    paper.heading(_("参会情况"))
    paper.table(
        [_("单位"), _("人员"), _("情况")],
        [
            [
                row.unit.name,
                row.attendee or (row.person.get_full_name() if row.person else ""),
                said[row.is_present],
            ]
            for row in invitations
        ],
        widths=[3, 2, 1],
    )


def _add_resolutions(paper: Document, resolutions: list[ResolutionRow]) -> None:
    if not resolutions:
        return
    paper.heading(_("会商决定"))
    paper.table(
        [_("序号"), _("决定"), _("落实方式"), _("单位"), _("案件"), _("落实情况")],
        [
            [
                row.resolution.number,
                row.resolution.text,
                str(row.resolution.get_kind_display()),
                row.resolution.unit.name if row.resolution.unit else "",
                row.case.number if row.case else "",
                str(row.resolution.get_state_display()),
            ]
            for row in resolutions
        ],
        widths=[1, 5, 2, 2.5, 2.5, 1.5],
    )
