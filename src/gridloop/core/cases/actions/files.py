"""
Files of a case. Their bytes are in the storage before the transaction, so a row never points to nothing.
"""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.files import Checked
from gridloop.core.cases.actions.given import storable_text
from gridloop.core.cases.actions.move import Move, verb
from gridloop.core.cases.models import Attachment
from gridloop.core.org.actors import ActorKind

NAME_LENGTH = 120


@verb
def attach(move: Move, *, files: Iterable[tuple[str, Checked]], is_public: bool = False) -> None:
    """
    上传附件: add files that were checked and stored (`base.common.files`); one that the case has already
    is left out.

    :param files: pairs of the name that people see and the checked file.
    :raises InvalidInput: there is none, or the case would have more than `settings.ATTACHMENTS_PER_CASE`.
    """
    most = settings.ATTACHMENTS_PER_CASE
    given = list(files)
    known = set(move.case.attachments.values_list("sha256", flat=True))
    fresh = {checked.sha256: (name, checked) for name, checked in given if checked.sha256 not in known}
    if not given:
        raise InvalidInput(_("请选择要上传的文件。"), fields={"files": _("必填")})
    if len(known) + len(fresh) > most:
        raise InvalidInput(_("每个案件最多 %(most)s 个附件。") % {"most": most}, fields={"files": _("过多")})
    for sha256, (name, checked) in fresh.items():
        move.file.add(
            Attachment(
                case=move.case,
                verb=move.rule.name,
                sha256=sha256,
                content_type=checked.content_type,
                size=checked.size,
                name=storable_text(name, "files")[-NAME_LENGTH:],
                at=move.at,
                by_id=move.actor.user_id,
                is_public=is_public or move.actor.kind == ActorKind.REPORTER,
            )
        )
    move.record(files=list(fresh))
