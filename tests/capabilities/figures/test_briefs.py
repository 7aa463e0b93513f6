"""Briefs: what they state is computed, they open in Word, and they are made by themselves."""

import io
import re
from datetime import date, timedelta

import docx
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from gridloop.base.common.documents import chinese_fonts, fonts
from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.capabilities.figures.actions.briefs import ask_brief, make_brief, make_due, storage_name
from gridloop.capabilities.figures.briefs import sentences
from gridloop.capabilities.figures.briefs.facts import Looked, gather
from gridloop.capabilities.figures.briefs.writing import paper
from gridloop.capabilities.figures.labels import BriefKind, PaperState
from gridloop.capabilities.figures.models import Brief
from gridloop.core.cases import actions
from gridloop.core.org.actors import SYSTEM
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR
from tests.core.org.factories import signed_in

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(AT)
KINDS = list(BriefKind)


@pytest.fixture
def busy(world):
    for n in (-8, -1, 0, 0, 0, 1):
        factories.closed(world, AT + n * DAY)
    factories.dispatched(world)
    again = factories.closed(world)
    actions.rate(again.pk, actor=factories.holder_of(again), at=AT + HOUR, attitude=2, result=2)
    spot = factories.reported(world)
    actions.close_on_spot(spot.pk, actor=world.worker, at=AT + HOUR, note="当场清走")
    factories.closed(world, is_drill=True)
    return world


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?%?", text))


def stated(facts, kind) -> str:
    parts = (sentences.overview, sentences.quality, sentences.hot)
    lines = [line for part in parts for line in part(facts, kind)]
    return "".join([*lines, *sentences.urgent(facts)])


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_in_the_text_is_one_of_the_facts(busy, kind):
    facts = gather(Looked.around(kind, TODAY), now=AT + 20 * DAY)
    text = stated(facts, kind)
    counts, before = facts["counts"], facts["before"]
    known = numbers_in(str(facts))
    known |= {str(abs(counts[name] - before[name])) for name in counts}  # how much more or less
    assert numbers_in(text) <= known
    assert len(numbers_in(text)) >= 5


def test_a_day_is_told_in_the_words_of_its_figures(busy):
    facts = gather(Looked.around(BriefKind.DAY, TODAY), now=AT + 20 * DAY)
    text = stated(facts, BriefKind.DAY)
    assert "共接到上报 6 件，比前一日（1 件）增加 5 件" in text
    assert "网格员当场解决 1 件" in text
    assert "办结 4 件，比前一日（1 件）增加 3 件" in text
    assert "满意率 0.0%" in text
    assert "超期案件较集中的主办单位：城管办 1 件" in text or "1 件。" in text


def test_what_is_gathered_takes_seven_statements(busy, django_assert_num_queries):
    gather(Looked.around(BriefKind.MONTH, TODAY), now=AT)
    with django_assert_num_queries(7):
        gather(Looked.around(BriefKind.MONTH, TODAY), now=AT)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_town_has_a_brief_too(world, kind):
    facts = gather(Looked.around(kind, TODAY), now=AT)
    text = stated(facts, kind)
    assert "没有新的上报和办结" in text
    assert "没有在办案件" in text
    assert open_word(paper(facts, kind).to_docx()).paragraphs


def test_word_and_pdf_hold_what_was_stated(busy):
    brief = ask_brief(BriefKind.WEEK, TODAY, actor=busy.leader, at=AT + 20 * DAY)
    make_brief(brief.pk, at=AT + 20 * DAY)
    brief.refresh_from_db()
    assert (brief.state, brief.has_pdf) == (PaperState.READY, True)
    with default_storage.open(storage_name(brief.pk, "docx")) as file:
        word = open_word(file.read())
    text = "".join(p.text for p in word.paragraphs)
    for line in sentences.overview(brief.facts, BriefKind.WEEK):
        assert line in text
    assert len(word.inline_shapes) == 2  # the charts
    assert [cell.text for cell in word.tables[0].rows[0].cells][:3] == ["主办单位", "派遣", "办结"]
    with default_storage.open(storage_name(brief.pk, "pdf")) as file:
        assert file.read(5) == b"%PDF-"


def test_without_a_chinese_font_there_is_word_without_charts(busy, monkeypatch):
    chinese_fonts.cache_clear()
    monkeypatch.setattr(fonts.typst, "Fonts", lambda: NoFonts)
    try:
        brief = ask_brief(BriefKind.DAY, TODAY, actor=busy.leader, at=AT + DAY)
        make_brief(brief.pk, at=AT + DAY)
    finally:
        chinese_fonts.cache_clear()
    brief.refresh_from_db()
    assert (brief.state, brief.has_pdf) == (PaperState.READY, False)


class NoFonts:
    @staticmethod
    def families() -> list[str]:
        return []


def test_asking_again_makes_the_same_brief_anew(busy):
    jobs = ProcrastinateJob.objects.filter(task_name__endswith="make_brief_files")
    before = jobs.count()  # those of a test that committed stay
    first = ask_brief(BriefKind.DAY, TODAY, actor=busy.leader, at=AT + HOUR)
    second = ask_brief(BriefKind.DAY, TODAY, actor=busy.operator, at=AT + 2 * HOUR)
    assert first.pk == second.pk
    assert Brief.objects.count() == 1
    assert jobs.count() == before + 2


def test_the_calendar_has_yesterday_last_week_and_last_month_made_once(world):
    morning = AT  # a Monday, nine o'clock
    assert make_due(at=morning - timedelta(hours=4)) == 0
    assert make_due(at=morning) == 3
    made = {(b.kind, b.starts_on) for b in Brief.objects.all()}
    monday = TODAY - timedelta(days=7)
    last_month = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)
    assert made == {
        ("day", TODAY - timedelta(days=1)), ("week", monday), ("month", last_month),
    }  # fmt: skip
    assert make_due(at=morning + timedelta(minutes=5)) == 0


def test_a_brief_that_was_left_unfinished_is_taken_up_again(world):
    ask_brief(BriefKind.DAY, TODAY, actor=SYSTEM, at=AT)
    make_due(at=AT)
    for brief in Brief.objects.all():
        make_brief(brief.pk, at=AT)
    assert make_due(at=AT + HOUR) == 0
    Brief.objects.filter(starts_on=TODAY).update(state=PaperState.WAITING, asked_at=AT)
    assert make_due(at=AT + HOUR) == 1


def test_a_brief_of_days_to_come_is_refused(world):
    with pytest.raises(InvalidInput):
        ask_brief(BriefKind.DAY, TODAY + timedelta(days=1), actor=world.leader, at=AT)


def test_who_answers_for_a_part_reads_no_paper_about_the_whole(world):
    for role in (Role.UNIT_LEAD, Role.SECRETARY):
        with pytest.raises(NotAllowed):
            ask_brief(BriefKind.DAY, TODAY, actor=world.actors[role], at=AT)
        assert signed_in(world.actors[role]).get(reverse("figures:briefs")).status_code == 403


def test_the_page_makes_lists_and_gives_briefs(busy):
    client = signed_in(busy.leader)
    url = reverse("figures:briefs")
    assert "还没有简报" in client.get(url).content.decode()
    assert client.post(url, {"kind": "day", "day": TODAY.isoformat()}).status_code == 302
    brief = Brief.objects.get()
    word = reverse("figures:brief_file", args=[brief.pk, "docx"])
    assert client.get(word).status_code == 404
    make_brief(brief.pk, at=AT)
    assert word in client.get(url).content.decode()
    answer = client.get(word)
    assert open_word(b"".join(answer.streaming_content)).tables
    assert client.get(reverse("figures:brief_file", args=[brief.pk, "exe"])).status_code == 404
    wrong = client.post(url, {"kind": "day", "day": "2999-01-01"})
    assert wrong.status_code == 422


def test_a_week_begins_on_monday_and_a_month_is_whole():
    assert Looked.around(BriefKind.WEEK, date(2026, 3, 4)).days.since == date(2026, 3, 2)
    assert Looked.around(BriefKind.MONTH, date(2026, 2, 10)).days.length == 28


def open_word(content: bytes):
    return docx.Document(io.BytesIO(content))
