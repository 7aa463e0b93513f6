"""
Names of a town that is nowhere and of people who are nobody: made from small lists of rare syllables.

No list holds the name of a real village, and no pair of syllables is a known person's given name.
"""

from random import Random

PROVINCE, CITY, DISTRICT, TOWN = "沧屿省", "泽川市", "望汀区", "云汀镇"

COMMUNITIES = ("云汀", "锦棹", "星榆", "望棹", "澄屿", "织云", "和汀", "景蓼", "晴榆", "临棹")
VILLAGES = ("苇渡", "菱歌", "蓼汀", "桑云", "禾晓", "桐舟", "芦月", "荷屏", "竹栈", "麦笛", "榆烟", "棠影")

ROADS = (
    *("云汀大道", "棹歌路", "星榆路", "织云路", "菱歌路", "苇渡路", "蓼汀街", "望棹路", "澄屿路", "景蓼街"),
    *("禾晓路", "桑云路", "芦月路", "荷屏路", "竹栈街", "麦笛路", "榆烟路", "棠影路", "桐舟路", "和汀路"),
    *("汀南一路", "汀南二路", "汀南三路", "汀北一路", "汀北二路", "织造一路", "织造二路", "晴榆街"),
)
ESTATES = (
    *(
        "锦棹花苑",
        "星榆新村",
        "望棹家园",
        "澄屿名邸",
        "织云公寓",
        "和汀苑",
        "景蓼小区",
        "晴榆华庭",
        "临棹新苑",
    ),
    *("云汀一村", "云汀二村", "云汀三村", "蓼汀雅居", "荷屏苑", "菱歌安置小区", "桐舟佳园", "棠影里"),
)
LANDMARKS = (
    *("农贸市场", "卫生服务站", "公交站", "幼儿园门口", "文化广场", "老年活动室", "垃圾分类亭", "快递驿站"),
    *("河边步道", "桥头", "停车场", "充电棚", "健身点", "篮球场", "菜场北门", "小学南门", "村口", "泵站旁"),
)
EXCLUSIVE = (
    *("织云智造园", "汀南物流园", "汀北科创园", "菱歌小商品市场", "云汀农贸中心", "星榆商业广场", "云汀中学"),
    *(
        "云汀中心小学",
        "云汀卫生院",
        "澄屿生态园",
        "涂装产业园南区",
        "涂装产业园北区",
        "蓼汀工业坊",
        "桐舟建材城",
    ),
    *("望棹写字楼", "临棹夜市", "禾晓冷链仓", "榆烟养老院", "芦月度假村", "麦笛现代农业园"),
)
SHOPS = (
    *("顺口面馆", "棹上人家", "老榆烧烤", "蓼花便利店", "汀上水果", "云朵理发", "桐荫茶社", "好运五金"),
    *("月光烘焙", "苇叶粽子铺", "星火电动车行", "四季早点", "青笛药房", "禾禾母婴", "满仓粮油", "小渡修车"),
)
FIRMS = (
    *(
        "云汀织造",
        "澄屿精密",
        "棹歌包装",
        "星榆电气",
        "汀南模具",
        "禾晓食品",
        "蓼汀涂装",
        "桐舟家具",
        "望棹塑业",
    ),
    *("榆烟纺织", "荷屏电子", "竹栈五金"),
)

_FAMILIES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程魏苏吕丁任沈"
)
_FIRST = "沐知禾书亦景若清以予采映听问拾牧望临栖渡"
_SECOND = "棠屿汀榆苇蓼笛澄舟苓岫棹桁荇栎湄垚畹楝芫"

_DIGITS = "零一二三四五六七八九"


def person(rng: Random) -> str:
    """Return the name of nobody."""
    return rng.choice(_FAMILIES) + rng.choice(_FIRST) + rng.choice(_SECOND)


def mobile(rng: Random) -> str:
    """Return a number in the form of a mobile phone's that no operator gives out (it begins with 100)."""
    return f"100{rng.randrange(10**8):08d}"


def landline(rng: Random) -> str:
    """Return a duty phone under an area code that does not exist."""
    return f"000-86{rng.randrange(10**6):06d}"


def ordinal(n: int) -> str:
    """Return 1 to 99 in Chinese numerals."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")
