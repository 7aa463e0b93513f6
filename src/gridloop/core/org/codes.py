"""
Codes of regions: how the 12 digits are made up, and the one that a region gets where a file names none.

Province, city and district have two digits each, town and village three (依据: GB/T 2260, GB/T 10114). The
numbers that are given out here lie where the statistical authority gives none, so that they can be told from
real ones and be replaced by them: from 61 for cities and districts, from 601 for towns and villages. A region
without any above it begins with 99, which is no province. A grid is numbered within its village from 001, a
micro-grid within its grid from 01: those numbers are the town's own.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org.models import Level

DIGITS = 12
LONGEST = 19
# For each level: where its own number begins and ends, and the first one that is given out.
_SEGMENTS = {
    Level.PROVINCE: (0, 2, 91),
    Level.CITY: (2, 4, 61),
    Level.DISTRICT: (4, 6, 61),
    Level.TOWN: (6, 9, 601),
    Level.VILLAGE: (9, 12, 601),
    Level.COMMUNITY: (9, 12, 601),
}
_SUFFIX = {Level.GRID: 3, Level.MICRO_GRID: 2}
NOWHERE = "99"


def full(code: str, level: str) -> str:
    """Return a code cut short at its level, as many lists give it (330203, 330203004), with all 12 digits."""
    is_short = level not in _SUFFIX and code and code.isascii() and code.isdigit() and len(code) < DIGITS
    return code.ljust(DIGITS, "0") if is_short else code


def next_code(level: str, parent: str, is_taken: Callable[[str], bool]) -> str:
    """
    Return the lowest code that is free for a region of `level` under the region with the code `parent`.

    :param parent: 12 digits, with its suffix where the parent is a grid; blank where there is none.
    :raises InvalidInput: every number is taken, or the code would be too long.
    """
    if width := _SUFFIX.get(Level(level)):
        candidates = (f"{parent}{number:0{width}}" for number in range(1, 10**width))
    else:
        start, end, first = _SEGMENTS[Level(level)]
        head = (parent or NOWHERE)[:start].ljust(start, "0")
        numbers = range(first, 10 ** (end - start))
        candidates = (f"{head}{number}".ljust(DIGITS, "0") for number in numbers)
    code = next((code for code in candidates if not is_taken(code)), None)
    if code is None or len(code) > LONGEST:
        raise InvalidInput(
            _("“%(parent)s”之下已没有可用的代码，请在文件中给出代码。") % {"parent": parent},
            fields={"code": _("缺少代码")},
        )
    return code
