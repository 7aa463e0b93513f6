"""Programs with keys, and how they speak to the API."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.test import Client

from gridloop.core.org.models import Post
from gridloop.core.org.permissions import PERMISSIONS, ROLES, Role
from gridloop.faces.exchange import actions
from gridloop.faces.exchange.models import ApiKey
from tests.core.org.factories import NOW

API = "/api/v1"
ALL = sorted(ROLES[Role.PROGRAM].permissions)


@dataclass
class Program:
    """A program that holds a key. What it gets has `.json()`."""

    key: ApiKey
    secret: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        return self.client.get(API + path, query, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else orjson.dumps({} if body is None else body)
        return self.client.post(
            API + path, content, content_type="application/json", headers=self._headers(headers)
        )

    def send_files(self, path: str, data: dict[str, Any], **headers: str) -> Any:
        return self.client.post(API + path, data, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.secret}"} | given


def program(*scopes: str, post: Post | None = None, name: str = "区级平台", **fields: Any) -> Program:
    """Issue a key with these scopes, all that its role can hold where none is named."""
    held = ALL if post is None else sorted(ROLES[Role(post.role)].permissions & set(PERMISSIONS))
    return Program(*actions.issue_key(name, scopes=scopes or held, post=post, at=NOW, **fields))
