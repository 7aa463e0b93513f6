"""The product's own settings, and a header that tells how many statements a request took."""

from gridloop.config.settings import *  # noqa: F403
from gridloop.config.settings import MIDDLEWARE as _OWN

MIDDLEWARE = ["bench.counting.StatementCount", *_OWN]
