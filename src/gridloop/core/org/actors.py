"""Who acts: a person in one post, a reporter, a program, or the system itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from gridloop.core.org.locate import jurisdiction
from gridloop.core.org.permissions import ROLES, Role, Scope

if TYPE_CHECKING:
    from gridloop.core.org.models import Post

LABEL_LENGTH = 120


class ActorKind(StrEnum):
    PERSON = "person"
    REPORTER = "reporter"
    PROGRAM = "program"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Whoever asks for something, with all that permissions and visibility need, so that asking costs no query.

    `label` is what the log shows. Paths are treebeard's: a path that starts with another lies below it.
    `scopes` narrows a program to what its key was given. `holds` is the key of the one thing that the bearer
    of a code may see and act on. `region_is_root`: the post is for the whole of what is governed here.
    """

    kind: ActorKind
    role: Role
    label: str
    user_id: int | None = None
    post_id: int | None = None
    unit_id: int | None = None
    unit_path: str = ""
    region_id: int | None = None
    region_path: str = ""
    region_is_root: bool = False
    scopes: frozenset[str] | None = None
    holds: UUID | None = None

    def can(self, permission: str) -> bool:
        """Return whether the role holds the permission and the key, if any, was given it."""
        held = permission in ROLES[self.role].permissions
        return held and (self.scopes is None or permission in self.scopes)

    @property
    def scope(self) -> Scope:
        return ROLES[self.role].scope


SYSTEM = Actor(ActorKind.SYSTEM, Role.SYSTEM, "系统")
REPORTER = Actor(ActorKind.REPORTER, Role.RESIDENT, "群众")


def actor_of(post: "Post") -> Actor:
    """Return the person acting in `post`; load the post with its user, unit and region."""
    with override(settings.LANGUAGE_CODE):  # what the log keeps is in the town's language, whoever acts
        label = name_of(post)
    return Actor(
        kind=ActorKind.PERSON,
        role=Role(post.role),
        label=label[:LABEL_LENGTH],
        user_id=post.user_id,
        post_id=post.pk,
        unit_id=post.unit_id,
        unit_path=post.unit.path,
        region_id=post.region_id,
        region_path=post.region.path,
        region_is_root=jurisdiction().path.startswith(post.region.path),
    )


def name_of(post: "Post") -> str:
    """Return the person with unit and role, in the language of the reader."""
    return f"{post.user.full_name or post.user.get_username()} · {part_of(post)}"


def part_of(post: "Post") -> str:
    """Return unit and role, in the language of the reader."""
    return _("%(unit)s%(role)s") % {"unit": post.unit.name, "role": ROLES[Role(post.role)].label}
