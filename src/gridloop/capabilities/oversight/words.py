"""What people are told, in the town's language whoever acts. Matters and places, never a person."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from gridloop.base.shell.context import url_or_blank
from gridloop.capabilities.oversight.models import AlertLevel, ChainStage, ChainStep, Supervision
from gridloop.core.cases.models import Case

Words = TypeVar("Words", bound=Callable[..., Any])


def in_town_language(make: Words) -> Words:
    """Make the words in the language that the town keeps, not in that of whoever presses the button."""

    @wraps(make)
    def made(*args: Any, **kwargs: Any) -> Any:
        with override(settings.LANGUAGE_CODE):
            return make(*args, **kwargs)

    return made  # type: ignore[return-value]


def page_of(case_id: UUID) -> str:
    """Return the path of the case's page; nothing where the town has no desk."""
    try:
        return reverse("desk:case", args=[case_id])
    except NoReverseMatch:
        return ""


def list_page() -> str:
    """Return the path of the list of what is late; nothing where the town has no desk."""
    found = url_or_blank("desk:cases")
    return f"{found}?state=late" if found else ""


def slip_page(slip: Supervision) -> str:
    return reverse("oversight:slip", args=[slip.pk])


def clock_time(at: datetime) -> str:
    """Return a moment as it is said in a message: 3月2日 14:30."""
    return date_format(timezone.localtime(at), "n月j日 H:i")


def matter_of(case: Case) -> str:
    """
    Return what the case is about in a line; of one whose reporter is to be kept secret only its number.

    A drill is marked, so that nobody takes it for real.
    """
    matter = case.number if case.is_confidential else f"{case.number} {case.title}"
    return _("【演练】%(matter)s") % {"matter": matter} if case.is_drill else matter


@in_town_language
def alert_words(
    case: Case, stage: str, due_at: datetime, step: ChainStep | None, level: str
) -> tuple[str, str]:
    """Return title and text of what a deadline's moment is told in."""
    shown = {"number": case.number, "stage": ChainStage(stage).label, "due": clock_time(due_at)}
    if level == AlertLevel.WARN:
        title = _("预警：%(number)s %(stage)s环节 %(due)s 到期") % shown
    else:
        title = _("超期：%(number)s %(stage)s环节已于 %(due)s 到期") % shown
    return title, "\n".join(part for part in (matter_of(case), step.words if step else "") if part)


@in_town_language
def digest_words(numbers: list[str], level: str) -> tuple[str, str]:
    """Return title and text of many alerts told as one."""
    count = {"count": len(numbers)}
    title = _("%(count)s 件案件即将到期") if level == AlertLevel.WARN else _("%(count)s 件案件已经超期")
    shown = numbers[:20]
    rest = _("…… 等 %(count)s 件") % count if len(numbers) > len(shown) else ""
    return title % count, "\n".join([*shown, rest]).strip()
