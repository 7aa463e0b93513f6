"""The product's own settings, and a header that tells how many statements a request took."""

from gridloop.config.settings import *  # noqa: F403
from gridloop.config.settings import MIDDLEWARE as _OWN

# Every request makes what it shows: what is kept for a moment would be all that is measured.
CENTRE_KEPT_S = 0
MIDDLEWARE = ["bench.counting.StatementCount", *_OWN]
