"""The only writers of the desk's own table."""

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.cases.actions.given import storable_text
from gridloop.faces.desk.models import LONGEST_QUERY, MOST_SAVED, SavedFilter


@transaction.atomic
def save_filter(user_id: int, *, name: str, query: str) -> SavedFilter:
    """
    Keep a list under a name; the same name again replaces it.

    :param query: the filters as a query string.
    :raises InvalidInput: no name, or one that cannot be kept; no filter or too much; more than 20 kept.
    """
    name = storable_text(name, "name")[:30]
    if not name:
        raise InvalidInput(_("请给常用筛选起个名字。"), fields={"name": _("必填")})
    if not query or len(query) > LONGEST_QUERY:
        raise InvalidInput(_("请先选好筛选条件，再保存。"))
    kept = SavedFilter.objects.filter(user=user_id)
    if kept.exclude(name=name).count() >= MOST_SAVED:
        raise InvalidInput(_("常用筛选最多 %(most)s 个，请先删除不用的。") % {"most": MOST_SAVED})
    row, _made = SavedFilter.objects.update_or_create(user_id=user_id, name=name, defaults={"query": query})
    return row


@transaction.atomic
def drop_filter(user_id: int, filter_id: int) -> None:
    """Forget one of the person's own lists; one that is gone already stays gone."""
    SavedFilter.objects.filter(user=user_id, pk=filter_id).delete()
