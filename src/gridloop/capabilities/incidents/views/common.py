"""What every view of the call-out asks first."""

from gridloop.base.shell.context import url_or_blank


def regions_url() -> str:
    """Where the map's ground comes from."""
    url = url_or_blank("org:regions")
    return f"{url}?level=village" if url else ""


def resources_url() -> str:
    """Where the map's resources come from."""
    return url_or_blank("incidents:resources")
