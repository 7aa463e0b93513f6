"""The ground under the screen's map: whose tiles, and that the security policy lets them through."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from gridloop.config.environment import TIANDITU, base_map


def test_without_a_setting_there_is_none_and_nothing_from_outside():
    assert base_map("", "") == ({}, "")


def test_tianditu_is_asked_with_the_town_s_key():
    found, source = base_map("a key&b", "")
    assert source == TIANDITU
    assert found["layers"] == "vec,cva"
    assert "/{layer}_w/" in found["tiles"]
    assert "TILEMATRIX={z}" in found["tiles"]
    assert found["tiles"].endswith("tk=a%20key%26b")


def test_tiles_of_the_town_s_own_are_let_through_by_their_origin_alone():
    found, source = base_map("", "https://tiles.town.example:8443/osm/{z}/{x}/{y}.png")
    assert (found["tiles"][-13:], found["layers"]) == ("{z}/{x}/{y}.png"[-13:], "")
    assert source == "https://tiles.town.example:8443"


@pytest.mark.parametrize(
    "tiles", ["tiles", "https://tiles.example/", "ftp://x/{z}/{x}/{y}", "javascript:{z}{x}{y}"]
)
def test_an_address_that_is_none_is_refused_by_name(tiles: str):
    with pytest.raises(ImproperlyConfigured, match="GRIDLOOP_TILES"):
        base_map("", tiles)
