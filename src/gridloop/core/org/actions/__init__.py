"""The only writers of org: one verb a function, one transaction each."""

from gridloop.core.org.actions.acts import log_act, stream_of
from gridloop.core.org.actions.calendar import (
    fill_calendar,
    import_calendar,
    set_day,
    set_working_hours,
)
from gridloop.core.org.actions.importing import Imported, import_regions
from gridloop.core.org.actions.people import (
    add_user,
    amend_user,
    appoint,
    clear_second_factor,
    end_post,
    make_default,
    set_password,
)
from gridloop.core.org.actions.regions import (
    add_region,
    amend_region,
    move_region,
    retire_region,
    set_boundary,
)
from gridloop.core.org.actions.units import add_unit, amend_unit, move_unit

__all__ = [
    "Imported",
    "add_region",
    "add_unit",
    "add_user",
    "amend_region",
    "amend_unit",
    "amend_user",
    "appoint",
    "clear_second_factor",
    "end_post",
    "fill_calendar",
    "import_calendar",
    "import_regions",
    "log_act",
    "make_default",
    "move_region",
    "move_unit",
    "retire_region",
    "set_boundary",
    "set_day",
    "set_password",
    "set_working_hours",
    "stream_of",
]
