from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "gridloop.core.cases"
    label = "cases"
    verbose_name = _("案件")

    def ready(self) -> None:
        from gridloop.core.audit.verify import register_heads
        from gridloop.core.cases.actions.joining import tell_parent
        from gridloop.core.cases.events import subscribe
        from gridloop.core.cases.heads import heads
        from gridloop.core.cases.workflow import ENDED, TRANSITIONS

        register_heads(heads)
        for rule in TRANSITIONS.values():
            if ENDED & set(rule.targets):
                subscribe(rule.name, tell_parent)
