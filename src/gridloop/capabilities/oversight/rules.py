"""What the town's own rules ask of people, in the form in which the burden is looked at."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from gridloop.base.common.asks import Asked
from gridloop.capabilities.oversight.actions.chains import CHAIN_KEY
from gridloop.capabilities.oversight.models import ChainStep, SampleRule
from gridloop.core.catalogue.actions import evidence_asked
from gridloop.core.catalogue.models import Standard


def rules_asked() -> Iterator[Asked]:
    """Yield the words of chains, sampling rules and standards that are kept now."""
    for step in ChainStep.objects.filter(is_active=True).exclude(words="").order_by("pk"):
        yield Asked(key=CHAIN_KEY, label=_("提醒规则"), texts={"words": step.words})
    for rule in SampleRule.objects.filter(is_active=True).exclude(task="").order_by("pk"):
        yield Asked(key=f"sample/{rule.pk}", label=rule.name, texts={"task": rule.task})
    for standard in Standard.objects.exclude(evidence="").select_related("category").order_by("pk"):
        yield evidence_asked(standard)
