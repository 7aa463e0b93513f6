"""Units on the map."""

import shapely
from django.urls import reverse

from gridloop.core.org import actions
from gridloop.core.org.permissions import Role
from tests.core.org.factories import make_person, make_post, make_town, square


def test_a_unit_stands_inside_its_region_and_one_out_of_use_nowhere(db, client):
    town = make_town(boundaries=True)
    person = make_person("operator")
    make_post(person, town.centre, Role.OPERATOR, town.town)
    client.force_login(person)
    actions.amend_unit(town.office.pk, is_active=False)
    found = client.get(reverse("org:units")).json()["features"]
    points = {f["properties"]["name"]: shapely.Point(f["geometry"]["coordinates"]) for f in found}
    assert set(points) == {"指挥中心", "柳桥村委会"}
    assert shapely.union_all([square(0, 0), square(1, 0)]).contains(points["柳桥村委会"])
