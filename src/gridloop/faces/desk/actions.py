"""The only writers of the desk's own table."""

from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.faces.desk.models import MOST_SAVED, SavedFilter


@transaction.atomic
def save_filter(user_id: int, *, name: str, query: str) -> SavedFilter:
    """
    Keep a list under a name; the same name again replaces it.

    :param query: a query string; the place in the list is left out of it.
    :raises InvalidInput: no name, or more than 20 kept.
    """
    name = name.strip()[:30]
    if not name:
        raise InvalidInput(_("请给常用筛选起个名字。"), fields={"name": _("必填")})
    kept = SavedFilter.objects.filter(user=user_id)
    if kept.exclude(name=name).count() >= MOST_SAVED:
        raise InvalidInput(_("常用筛选最多 %(most)s 个，请先删除不用的。") % {"most": MOST_SAVED})
    pairs = [(k, v) for k, values in QueryDict(query).lists() for v in values if v and k != "cursor"]
    row, _made = SavedFilter.objects.update_or_create(
        user_id=user_id, name=name, defaults={"query": urlencode(pairs)[:500]}
    )
    return row


@transaction.atomic
def drop_filter(user_id: int, filter_id: int) -> None:
    """Forget one of the person's own lists; one that is gone already stays gone."""
    SavedFilter.objects.filter(user=user_id, pk=filter_id).delete()
