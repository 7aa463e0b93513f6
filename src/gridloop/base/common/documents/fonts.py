"""
Which Chinese fonts a paper asks for, and which of them this machine has.

Word looks the names up on the reader's machine, where they are part of every Chinese office. PDF and charts
are set here, with what is installed: the first of each list that is there.
"""

from functools import cache
from http import HTTPStatus

import typst
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError

# As GB/T 9704-2012 asks: title, body, first and second heading.
TITLE, BODY, HEADING, SUBHEADING = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
LATIN = "Times New Roman"

_SONG = ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "小标宋", "宋体", "SimSun", "Source Han Serif SC",
         "Noto Serif CJK SC", "Noto Serif SC")  # fmt: skip
_FANG = ("仿宋_GB2312", "仿宋", "FangSong", "FangSong_GB2312", "STFangsong", *_SONG[3:])
_HEI = ("黑体", "SimHei", "Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei",
        "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback")  # fmt: skip
_KAI = ("楷体_GB2312", "楷体", "KaiTi", "STKaiti")
# A font of another kind is better than none: boxes instead of words are no paper.
WANTED = {
    "title": _SONG + _HEI,
    "body": _FANG + _HEI,
    "heading": _HEI + _SONG,
    "subheading": _KAI + _FANG + _HEI,
}
PACKAGES = "fonts-noto-cjk"  # Debian's and Ubuntu's; others: google-noto-cjk-fonts


class NoChineseFont(DomainError):
    """No Chinese font is installed where papers are set."""

    code = "no-chinese-font"
    status = HTTPStatus.SERVICE_UNAVAILABLE


@cache
def chinese_fonts() -> dict[str, str]:
    """
    Return the font family for `title`, `body`, `heading` and `subheading`; empty where there is none at all.

    Asked once in the life of a process.
    """
    there = {name.casefold(): name for name in typst.Fonts().families()}
    found = {}
    for part, names in WANTED.items():
        if name := next((there[n.casefold()] for n in names if n.casefold() in there), ""):
            found[part] = name
    return found


def chart_font() -> str:
    """
    Return the family in which charts are written.

    :raises NoChineseFont: none is installed.
    """
    return needed_fonts()["heading"]


def needed_fonts() -> dict[str, str]:
    """
    Return the fonts of a paper that is to be set here.

    :raises NoChineseFont: none is installed.
    """
    fonts = chinese_fonts()
    if not fonts:
        raise NoChineseFont(
            _(
                "服务器上没有中文字体，暂时不能生成 PDF 和图表；Word 可照常下载。"
                "请管理员安装 %(packages)s 后重启服务。"
            )
            % {"packages": PACKAGES}
        )
    return fonts
