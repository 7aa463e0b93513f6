"""What a person types about their own channels."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.capabilities.notify.actions.channels import LONGEST_ADDRESS
from gridloop.capabilities.notify.models import ChannelKind
from gridloop.capabilities.notify.sending import can_send


class ChannelForm(forms.Form):
    """A new way to be reached, of those that the town has set up."""

    kind = forms.ChoiceField(label=_("方式"))
    address = forms.CharField(
        label=_("地址"),
        max_length=LONGEST_ADDRESS,
        help_text=_("电子邮件地址、手机号码，或即时消息机器人的地址。加密保存，只用来给您发消息。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]  # a choice field's own
            (kind.value, kind.label) for kind in ChannelKind if can_send(kind)
        ]
