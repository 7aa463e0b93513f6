"""Whom a key acts as."""

from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from gridloop.core.org.actors import LABEL_LENGTH, Actor, ActorKind, actor_of
from gridloop.core.org.permissions import Role
from gridloop.faces.exchange.errors import BadKey
from gridloop.faces.exchange.models import ApiKey


def actor_of_key(key: ApiKey, *, on: date) -> Actor:
    """
    Return the program that holds `key`, in the part of the key's post if it has one; load it with its post.

    :raises BadKey: the post has ended, or is not in force yet, or its person may no longer sign in.
    """
    scopes = frozenset(key.scopes)
    if key.post is None:
        return Actor(ActorKind.PROGRAM, Role.PROGRAM, key.name, region_is_root=True, scopes=scopes)
    is_held = key.post.starts_on <= on and (key.post.ends_on is None or on <= key.post.ends_on)
    if not (is_held and key.post.user.is_active):
        raise BadKey(_("密钥所属的岗位已离任，请联系系统管理员更换密钥。"))
    person = actor_of(key.post)
    label = f"{key.name} · {person.label}"[:LABEL_LENGTH]
    return replace(person, kind=ActorKind.PROGRAM, label=label, scopes=scopes)
