"""The keys of the pages of dispatch, as the dialog behind “?” lists them."""

from django.utils.translation import gettext_lazy as _

QUEUE_KEYS = (
    (("x", _("空格")), _("勾选或取消这一件")),
    (("a",), _("勾选本页全部，再按取消")),
    (("1", "2", "3"), _("为这一件选定第几个建议，再按取消")),
    (("Enter",), _("一键派遣所选（没有勾选时为当前一件），先看预览")),
    (("Shift A",), _("一键派遣全部符合条件的案件，先看预览")),
    (("m",), _("打开或收起地图")),
)
PREVIEW_KEYS = (
    (("1", "2", "3"), _("把这一件改派给第几个建议")),
    (("x", _("空格")), _("移出或移回这一件")),
    (("Enter",), _("确认派遣")),
    (("u",), _("不派了，回到队列")),
)
RESULT_KEYS = ((("u",), _("撤销整批派遣")), (("Enter",), _("回到队列")))
