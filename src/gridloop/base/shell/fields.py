"""Days and times in forms, by the browser's own picker."""

from django import forms


class MomentField(forms.DateTimeField):
    """A day and a time of the town's own clock."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class DayField(forms.DateField):
    """A day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
