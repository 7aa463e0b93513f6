"""How the centre calls, kept in memory."""

from gridloop.capabilities.incidents.models import Settings, Skill
from gridloop.core.org.revisions import cached

REVISION = "incident_settings"


def settings() -> Settings:
    """Return the settings; those of a fresh installation where nobody has changed them."""
    return cached(REVISION, _load)


def skill_names() -> dict[str, str]:
    """Return the names of the town's skills by code, in the order of their names."""
    return cached(REVISION, _skills)


def named(codes: object) -> str:
    """Return skills as one would read them out."""
    names = skill_names()
    return "、".join(names.get(code, code) for code in codes)  # type: ignore[attr-defined]


def _load() -> Settings:
    return Settings.objects.first() or Settings()


def _skills() -> dict[str, str]:
    return dict(Skill.objects.order_by("name").values_list("code", "name"))
