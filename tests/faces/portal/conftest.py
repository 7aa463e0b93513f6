"""A resident at the portal: no account, a browser without script, and what such a browser would send."""

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from tests.core.cases.factories import World, make_world

HIDDEN = re.compile(r'<input[^>]*name="(key|stamp)"[^>]*value="([^"]*)"')


@pytest.fixture
def world(db: None) -> World:
    return make_world(boundaries=True)


@pytest.fixture(autouse=True)
def _quick_typist(settings: Any) -> None:
    """Let a test send a form as soon as it has it; the test of hasty forms sets its own."""
    settings.PORTAL_LEAST_S = 0


@pytest.fixture
def resident() -> Client:
    return Client(REMOTE_ADDR="203.0.113.7")


def hidden_fields(response: Any) -> dict[str, str]:
    """Return the key and the stamp of the form on a page."""
    return {name: unescape(value) for name, value in HIDDEN.findall(response.content.decode())}


def filled(client: Client, **changes: Any) -> dict[str, Any]:
    """Return a form as a resident fills it in at `client`."""
    typed = {
        "description": "菜场门口有一大堆垃圾，三天没人收",
        "address": "柳桥路菜场北门",
        "region_id": "",
        "category_id": "",
        "name": "",
        "phone": "",
    }
    return hidden_fields(client.get("/report/")) | typed | changes


@pytest.fixture
def send(resident: Client) -> Callable[..., Any]:
    """Fill the form in and send it: `send(description=…)`."""

    def _send(**changes: Any) -> Any:
        return resident.post("/report/", filled(resident, **changes))

    return _send


def photo(colour: str = "red", name: str = "垃圾.png") -> io.BytesIO:
    """Return a small picture as a browser would upload it."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    file.name = name
    file.seek(0)
    return file
