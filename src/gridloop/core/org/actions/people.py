"""People and the posts they hold."""

from datetime import date
from typing import TypedDict, Unpack

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org.models import Post, Region, Unit, User
from gridloop.core.org.permissions import APPOINTABLE, MANAGING, ROLES, Role
from gridloop.core.org.posts import REVISION
from gridloop.core.org.revisions import bump


class UserFields(TypedDict, total=False):
    """What of a person may be changed in place."""

    full_name: str
    phone: str
    email: str
    is_active: bool


class AlreadyHeld(InvalidInput):
    """The person holds this very post."""

    code = "post-already-held"


@transaction.atomic
def add_user(
    username: str, *, full_name: str, phone: str = "", email: str = "", password: str | None = None
) -> User:
    """
    Add a person; without a password the person can only sign in through the identity provider.

    :raises InvalidInput: the user name is taken or malformed, or the password breaks the rules.
    """
    user = User(username=username, full_name=full_name, phone=phone, email=email)
    _check_username(username)
    user.set_unusable_password()
    if password is not None:
        _check_password(password, user)
        user.set_password(password)
    user.save(force_insert=True)
    return user


@transaction.atomic
def set_password(user_id: int, password: str) -> User:
    """
    Give a person a new password, which ends every session under the old one.

    :raises InvalidInput: it breaks the rules of `AUTH_PASSWORD_VALIDATORS`; the message says which.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


@transaction.atomic
def amend_user(user_id: int, **fields: Unpack[UserFields]) -> User:
    """Change the named fields of a person."""
    user = User.objects.select_for_update().get(pk=user_id)
    for name, value in fields.items():
        setattr(user, name, value)
    user.save(update_fields=list(fields))
    bump(REVISION)
    return user


@transaction.atomic
def clear_second_factor(user_id: int) -> User:
    """Let a person who lost the telephone sign in by password alone, and set the second step up anew."""
    user = User.objects.select_for_update().get(pk=user_id)
    Authenticator.objects.filter(user=user).delete()
    return user


@transaction.atomic
def appoint(
    user: User, unit: Unit, role: Role, region: Region, *, starts_on: date, is_default: bool | None = None
) -> Post:
    """
    Give a person a post.

    :param is_default: whether the person acts in it unless another is chosen; the first post is by itself.
    :raises InvalidInput: nobody is appointed to this role, such as the system's.
    :raises AlreadyHeld: the person holds this very post already.
    """
    _check_appointable(role)
    person = User.objects.select_for_update().get(pk=user.pk)
    held = Post.objects.filter(user=person, ends_on=None)
    if held.filter(unit=unit, role=role, region=region).exists():
        raise AlreadyHeld(
            _("%(name)s已在“%(unit)s”担任%(role)s，不必重复任命。")
            % {"name": person.get_full_name(), "unit": unit.name, "role": ROLES[role].label}
        )
    has_default = held.filter(is_default=True).exists()
    if is_default and has_default:
        held.filter(is_default=True).update(is_default=False)
    post = Post.objects.create(
        user=person,
        unit=unit,
        role=role,
        region=region,
        starts_on=starts_on,
        is_default=not has_default if is_default is None else is_default,
    )
    _refresh(person)
    return post


@transaction.atomic
def end_post(post_id: int, *, on: date) -> Post:
    """
    End a post; `on` is its last day. Ending it again moves the day.

    :raises InvalidInput: the day lies before the post began.
    """
    user_id = Post.objects.values_list("user_id", flat=True).get(pk=post_id)
    person = User.objects.select_for_update().get(pk=user_id)  # the person first, as in appoint
    post = Post.objects.select_for_update().get(pk=post_id)
    if on < post.starts_on:
        raise InvalidInput(
            _("离任日期不能早于任职日期 %(day)s。") % {"day": post.starts_on},
            fields={"ends_on": _("早于任职日期")},
        )
    post.ends_on, post.is_default = on, False
    post.save(update_fields=["ends_on", "is_default"])
    _refresh(person)
    return post


@transaction.atomic
def make_default(post_id: int) -> Post:
    """
    Let the person act in this post unless another is chosen.

    :raises InvalidInput: the post has ended.
    """
    user_id = Post.objects.values_list("user_id", flat=True).get(pk=post_id)
    person = User.objects.select_for_update().get(pk=user_id)
    post = Post.objects.select_for_update().get(pk=post_id)
    if post.ends_on:
        raise InvalidInput(_("该岗位已离任，不能设为默认岗位。"))
    Post.objects.filter(user=person, is_default=True).update(is_default=False)
    post.is_default = True
    post.save(update_fields=["is_default"])
    bump(REVISION)
    return post


def _check_username(username: str) -> None:
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        raise InvalidInput(
            _("用户名只能用文字、数字和 @ . + - _，最长 150 个字符，且不能为空。"),
            fields={"username": _("格式不符")},
        ) from error
    if User.objects.filter(username=username).exists():
        raise InvalidInput(
            _("用户名 %(name)s 已被使用，请换一个。") % {"name": username}, fields={"username": _("已被使用")}
        )


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        reasons = " ".join(error.messages)
        raise InvalidInput(reasons, fields={"new_password": _("不符合密码规则")}) from error


def _check_appointable(role: Role) -> None:
    if role not in APPOINTABLE:
        raise InvalidInput(
            _("“%(role)s”不是可以任命的岗位角色。") % {"role": ROLES[role].label},
            fields={"role": _("不可任命")},
        )


def _refresh(person: User) -> None:
    """Open Django's admin to whoever manages something, and to nobody else but a superuser."""
    roles = Post.objects.filter(user=person, ends_on=None).values_list("role", flat=True)
    person.is_staff = person.is_superuser or any(ROLES[Role(r)].permissions & MANAGING for r in roles)
    person.save(update_fields=["is_staff"])
    bump(REVISION)
