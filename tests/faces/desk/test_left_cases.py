"""The page of a case that my unit has sent back: what was there when we left, by whatever address I ask."""

import pytest
from django.urls import reverse

from gridloop.capabilities.oversight.actions import remind
from gridloop.core.cases import actions
from gridloop.core.cases.models import Attachment
from tests.core.cases.factories import AT, HOUR, World
from tests.core.cases.test_sight import sent_back_and_given_to_another
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db


def test_the_page_says_so_and_ends_where_we_left(world: World, sign_in: SignIn) -> None:
    case, before, after = sent_back_and_given_to_another(world)
    committee = world.actors["secretary"]
    actions.sign_for(case.pk, actor=committee, at=AT + 4 * HOUR)
    actions.annotate(case.pk, actor=world.operator, at=AT + 5 * HOUR, note="业主王某要求先谈补偿")
    remind(case.pk, actor=world.leader, at=AT + 6 * HOUR, cause="asked", note="请今天回话")
    pages = {
        who: sign_in(actor).get(reverse("desk:case", args=[case.pk]), {"log": "all"}).content.decode()
        for who, actor in {"left": world.handler, "centre": world.operator}.items()
    }
    kept, gone = (str(Attachment.objects.get(sha256=sha).pk) for sha in (before, after))
    assert "本单位已于" in pages["left"]
    assert "本单位已于" not in pages["centre"]
    for words in ("履职清单中由城管办负责", kept):
        assert words in pages["left"]
    for words in ("业主王某要求先谈补偿", gone, committee.label, "请今天回话"):
        assert words in pages["centre"]
        assert words not in pages["left"]


def test_a_file_that_came_later_is_not_there_for_us(world: World, sign_in: SignIn) -> None:
    _case, before, after = sent_back_and_given_to_another(world)
    client = sign_in(world.handler)
    answers = [
        client.get(reverse("desk:attachment", args=[Attachment.objects.get(sha256=sha).pk])).status_code
        for sha in (before, after)
    ]
    assert answers == [200, 404]


def test_what_happened_meanwhile_is_not_told_beside_a_refusal_either(world: World, sign_in: SignIn) -> None:
    case, _before, _after = sent_back_and_given_to_another(world)
    actions.annotate(case.pk, actor=world.operator, at=AT + 4 * HOUR, note="业主王某要求先谈补偿")
    answer = sign_in(world.handler).post(
        reverse("desk:act", args=[case.pk, "annotate"]), {"note": "补一句", "version": 5}
    )
    assert answer.status_code == 409
    assert "业主王某" not in answer.content.decode()
