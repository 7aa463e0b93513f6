"""Django's admin of the rulebook: categories, standards, duty lists, and files of all of them."""

from gridloop.core.catalogue.admin import categories, duties, standards, uploads

__all__ = ["categories", "duties", "standards", "uploads"]
