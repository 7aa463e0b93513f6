"""
The five patterns that no form and no rule may show (依据: 国办函〔2026〕12号 负面清单): repeat form filling;
check-ins, points and rankings, time online; forced installing or signing in; likes and study time as a
measure; photos, videos and tracks forced without need.

What is found can be argued about, so each finding names the words; in an emergency somebody answers for an
exemption.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gridloop.base.common.asks import Asked
from gridloop.capabilities.oversight.models.burden import BurdenPattern as Pattern


@dataclass(frozen=True, slots=True)
class Finding:
    """One pattern in one form or rule: where it stands, and the words or the fact that show it."""

    key: str
    label: str
    pattern: Pattern
    field: str
    words: str


_PICTURES = "(?:照片|图片|视频|录像|影像)"
_WORDS: dict[Pattern, tuple[str, ...]] = {
    Pattern.REPEAT: (
        r"重复(?:填|录|报)\w{0,2}",
        r"(?:再次|另行|同时|分别)(?:填报|填写|录入|上报|报送)",
        r"(?:每日|每天|每周|每月|定期)(?:填报|上报|报送|填写)\w{0,6}(?:台账|报表|统计表|数据|材料)",
        r"(?:纸质|书面)(?:材料|报表|台账)\w{0,3}(?:报送|上报|提交)",
        r"填(?:写|报)\w{0,4}(?:台账|报表)",
    ),
    Pattern.CHECK_IN: (
        r"打卡",
        r"签到",
        r"积分",
        r"(?:个人|人员|网格员|干部)\w{0,4}(?:排名|排行)",
        r"在线(?:时长|时间|率)",
        r"(?:登录|登陆)(?:次数|时长|天数)",
        r"(?:巡查|巡逻|走访)(?:里程|公里|步数)",
    ),
    Pattern.FORCED: (
        r"(?:必须|一律|强制|务必|全员)\w{0,6}(?:下载|安装|注册|登录|登陆|关注)",
        r"(?:下载|安装|注册|使用|激活|日活|活跃)率",
        r"(?:每日|每天|定期|每周)(?:登录|登陆)",
        r"关注(?:公众号|账号)\w{0,4}(?:截图|人数|率)",
    ),
    Pattern.FOR_SHOW: (
        r"点赞",
        r"转发(?:量|数|次数|截图|朋友圈)",
        r"(?:网络)?投票(?:数|量)",
        r"学习(?:时长|时间|积分)",
        r"(?:阅读|浏览|评论|粉丝)(?:量|数)",
    ),
    Pattern.TRACES: (
        rf"(?:必须|一律|务必|每次|每日|每天|逐户|全程)\w{{0,8}}(?:拍照|拍摄|摄像|录像|上传{_PICTURES}|{_PICTURES})",
        rf"(?:不少于|至少|不低于)\s*[2-9二两三四五六七八九十]\d*\s*(?:张|段|个){_PICTURES}?",
        r"(?:工作照|自拍|合影|摆拍)",
        r"(?:轨迹|定位打点|行走路线|巡查路线)\w{0,4}(?:上传|记录|截图)?",
        r"(?:全程|实时)(?:定位|留痕)",
    ),
}
_COMPILED = {pattern: [re.compile(one) for one in some] for pattern, some in _WORDS.items()}
_CLAUSES = re.compile(r"[。；;，,！!？?\n（）()：:]")
# Words that forbid what follows: a rule against a pattern is none.
_AGAINST = re.compile(
    r"(?:不得|不要|不再|不需|不必|不强制|不应|不以|不许|无需|无须|禁止|严禁|勿|免|取消|杜绝|未|不)[\w、]{0,12}$"
)

# What the case has since it was reported; a later form that asks for it asks twice. Only whoever corrects a
# case, or takes one apart, writes it again.
KNOWN = frozenset(
    {
        "title",
        "description",
        "category_id",
        "region_id",
        "lon",
        "lat",
        "address",
        "channel",
        "phone",
        "name",
        "id_number",
    }
)
WRITES_ANEW = frozenset({"", "report", "amend", "split", "copy", "supplement"})


def lint(asked: Asked) -> list[Finding]:
    """Return what of the five patterns a form or rule shows, by its words and by its fields."""
    return [*_by_words(asked), *_by_fields(asked)]


def lint_all(everything: Iterable[Asked]) -> list[Finding]:
    """Return the findings of many."""
    return [finding for asked in everything for finding in lint(asked)]


def _by_words(asked: Asked) -> Iterator[Finding]:
    for name, text in asked.texts.items():
        for clause in _CLAUSES.split(text):
            for pattern, some in _COMPILED.items():
                hit = next(filter(None, (one.search(clause) for one in some)), None)
                if hit and not _AGAINST.search(clause[: hit.start()]):
                    yield Finding(asked.key, str(asked.label), pattern, name, clause.strip())


def _by_fields(asked: Asked) -> Iterator[Finding]:
    # A form that is there to send a file is opened by who wants to send one; what is prohibited is to make
    # pictures the price of saying something else.
    if 0 < asked.required_photos < asked.required:
        yield Finding(
            asked.key, str(asked.label), Pattern.TRACES, "", f"必须上传的文件 {asked.required_photos} 项"
        )
    if asked.verb not in WRITES_ANEW:
        for name in asked.names:
            if name in KNOWN:
                words = f"案件里已有，又要填写：{asked.texts.get(name) or name}"
                yield Finding(asked.key, str(asked.label), Pattern.REPEAT, name, words)
