"""What residents fill in: short, forgiving of how it is typed; nothing typed or chosen is lost."""

import re
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.coordinates import CoordinateSystem
from gridloop.base.common.errors import DomainError
from gridloop.base.common.ids import new_id
from gridloop.core.cases.actions import Intake, ReporterData
from gridloop.core.cases.labels import Channel
from gridloop.core.catalogue.rulebook import CategoryView, rulebook
from gridloop.core.org.locate import jurisdiction, locate
from gridloop.core.org.models import Region
from gridloop.faces.portal import photos
from gridloop.faces.portal.choices import category_choices, village_choices
from gridloop.faces.portal.emergencies import Emergency, emergencies_in
from gridloop.faces.portal.guard import TRAP, fresh_stamp, is_hasty, is_spent
from gridloop.faces.portal.progress import SCORES

MOST_SUGGESTED = 3
NO_CATEGORY = "none"
PLACE_UNKNOWN = "unknown"
PHONE = re.compile(r"^\+?[0-9][0-9 \-]{4,18}[0-9]$")
SCORES_TO_CHOOSE = [(str(score), label) for score, label in SCORES.items() if score]


def suggested_categories(text: str) -> list[CategoryView]:
    """Return the public categories that the text speaks for, the likeliest first."""
    book = rulebook()
    found = (book.category(s.category_id) for s in book.suggest(text, MOST_SUGGESTED, is_public=True))
    return [category for category in found if category]


def _not_set_up() -> Any:
    """Return what says that the town has no regions yet, so that no report could be placed."""
    try:
        jurisdiction()
    except Region.DoesNotExist:
        return _("本系统还没有启用，请先拨打 12345 反映，内容可以复制下来。")
    return None


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(
            {
                "multiple": True,
                "accept": "image/*",
                "data-module": "portal/photos",
                "data-most": photos.MOST_PHOTOS,
                "data-say-most": _("照片最多 6 张，只留下前 6 张。"),
            }
        )


class PhotosField(forms.FileField):
    """Several files of one input; the form checks each, so that a bad one does not lose the good ones."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # noqa: ARG002
        files = photos.uploads(data)
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return files


class PhotosMixin:
    """Collects the photos that came now and those that were kept from an earlier try."""

    kept: list[photos.Photo]

    def collect(self, form: forms.Form, key: UUID, tokens: list[str], files: list[Any]) -> None:
        """Put every good photo into `kept`; what is refused is told by its name."""
        for token in tokens[: photos.MOST_PHOTOS]:
            try:
                self.kept.append(photos.recall(token, key))
            except DomainError as refusal:
                form.add_error("photos", str(refusal.message))
        for file in files:
            if len(self.kept) >= photos.MOST_PHOTOS:
                form.add_error(
                    "photos", _("照片最多 %(most)s 张，多出的没有收下。") % {"most": photos.MOST_PHOTOS}
                )
                break
            try:
                self.kept.append(photos.keep(file, file.name, key))
            except DomainError as refusal:
                form.add_error("photos", f"{file.name}：{refusal.message}")


class ReportForm(PhotosMixin, forms.Form):
    """A report. `key` becomes the case's own key, so that the same form sent twice is the same case."""

    description = forms.CharField(
        label=_("发生了什么事？"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5, "autocomplete": "off"}),
        help_text=_("用平常说话的方式写就行：什么东西、怎么样了、多久了。"),
        error_messages={"required": _("请写几个字，告诉我们发生了什么事。")},
    )
    suggested = forms.CharField(required=False)
    category_id = forms.TypedChoiceField(label=_("问题类别"), required=False, coerce=int, empty_value=None)
    address = forms.CharField(
        label=_("地址或附近的标志"),
        max_length=200,
        required=False,
        help_text=_("例如：柳桥路菜场北门对面。"),
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    region_id = forms.ChoiceField(label=_("在哪个村（社区）"), required=False)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    photos = PhotosField(label=_("照片"), required=False)
    name = forms.CharField(
        label=_("怎么称呼您"), max_length=40, required=False, widget=forms.TextInput({"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("联系电话"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    is_confidential = forms.BooleanField(label=_("请为我保密，不要告诉被反映的人"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    stamp = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: list[photos.Photo] = []
        self.is_spent = False
        categories: Any = [("", _("按描述自动判断")), *category_choices()]
        villages: Any = [("", _("请选择（地图上选了位置就不用选）")), *village_choices()]
        self.fields["category_id"].choices = categories  # type: ignore[attr-defined]
        self.fields["region_id"].choices = [*villages, (PLACE_UNKNOWN, _("说不清在哪个村"))]  # type: ignore[attr-defined]

    @property
    def typed(self) -> QueryDict:
        """What was sent, as it came."""
        return cast(QueryDict, self.data)

    @classmethod
    def fresh(cls, **initial: Any) -> "ReportForm":
        """Return an empty form with a key and a stamp of its own."""
        key = new_id()
        return cls(initial={"key": key, "stamp": fresh_stamp(key), **initial})

    def without_errors(self) -> "ReportForm":
        """Return the form as it was filled in, not yet judged: somebody only asked for suggestions."""
        self.is_valid()
        same = ReportForm(initial=self.typed.dict())
        same.kept = self.kept
        return same

    def renew(self) -> None:
        """Give the form a key of its own again, with all that was typed; photos come along."""
        key = new_id()
        renewed = self.typed.copy()
        renewed["key"], renewed["stamp"] = str(key), fresh_stamp(key)
        self.data = renewed
        self.kept = [photos.again(photo, key) for photo in self.kept]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        key = given.get("key")
        self.is_spent = key is None or is_spent(given.get("stamp", ""), key)
        if problem := self._problem(given) or _not_set_up():
            self.add_error(None, problem)
        if key:
            self.collect(self, key, self.typed.getlist("kept"), given.get("photos") or [])
        if (given.get("lon") is None) != (given.get("lat") is None):
            given["lon"] = given["lat"] = None
        if given.get("lon") is None and not given.get("address") and not given.get("region_id"):
            self.add_error(
                "address", _("请告诉我们在哪里：写地址、在地图上点一下，或选择村（社区），有一样就行。")
            )
        return given

    def _problem(self, given: dict[str, Any]) -> Any:
        """Return what says that a program filled the form in, or that the page stood open too long."""
        if self.is_spent:
            return _("页面停留太久，内容都还在，请核对后再按一次“提交”。")
        if self.typed.get(TRAP):
            return _("请不要填写“网址”一栏，核对后再按一次“提交”。")
        return _("提交得太快了，请核对内容后再按一次“提交”。") if is_hasty(given["stamp"]) else None

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not PHONE.match(phone):
            raise forms.ValidationError(_("电话号码只填数字，例如 13800001234 或 0519-88001234。"))
        return phone

    def intake(self) -> Intake:
        """Return what is reported; a point wins over the village that was chosen, unless it lies outside."""
        given = self.cleaned_data
        lon, lat, region = given["lon"], given["lat"], given["region_id"]
        is_placed = lon is not None and locate(lon, lat).region_id is not None
        return Intake(
            description=given["description"],
            channel=Channel.PORTAL,
            category_id=self._category_id(),
            address=given["address"],
            lon=lon,
            lat=lat,
            coordinate_source=CoordinateSystem.WGS84,  # what browsers and our own map give
            region_id=int(region) if region not in ("", PLACE_UNKNOWN) and not is_placed else None,
            is_confidential=given["is_confidential"],
            reporter=ReporterData(given["name"], given["phone"]),
        )

    def _category_id(self) -> int | None:
        """Return the category chosen from the list, else from the suggestions, else the likeliest."""
        given = self.cleaned_data
        if given["category_id"]:
            return int(given["category_id"])
        if given["suggested"] == NO_CATEGORY:
            return None
        ids = [category.id for category in suggested_categories(given["description"])]
        return next((i for i in ids if str(i) == given["suggested"]), ids[0] if ids else None)

    # what the template shows besides the fields -------------------------------------------------------------

    @property
    def hints(self) -> "Hints":
        return Hints(str(self["description"].value() or ""), str(self["suggested"].value() or ""))

    @property
    def trap(self) -> str:
        return TRAP


class Hints:
    """What the words say so far: whom to call at once, and which category it may be."""

    def __init__(self, text: str, chosen: str = "") -> None:
        self.emergencies: list[Emergency] = emergencies_in(text)
        self.categories = suggested_categories(text)
        ids = [str(category.id) for category in self.categories]
        self.chosen = chosen if chosen in {*ids, NO_CATEGORY} else next(iter(ids), "")


class SupplementForm(forms.Form):
    text = forms.CharField(
        label=_("补充内容"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("请写下要补充的内容。")},
    )

    def details(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}


class PhotosForm(PhotosMixin, forms.Form):
    photos = PhotosField(label=_("照片"), error_messages={"required": _("请选择照片。")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: list[photos.Photo] = []

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.collect(self, new_id(), [], given.get("photos") or [])
        return given

    def details(self) -> dict[str, Any]:
        return {"files": photos.as_files(self.kept)}


class WithdrawForm(forms.Form):
    """Nothing to fill in: the page itself asks once more."""

    def details(self) -> dict[str, Any]:
        return {}


class RateForm(forms.Form):
    result = forms.TypedChoiceField(
        label=_("问题解决得怎么样？"),
        choices=SCORES_TO_CHOOSE,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项。")},
    )
    attitude = forms.TypedChoiceField(
        label=_("工作人员态度怎么样？"),
        choices=SCORES_TO_CHOOSE,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项。")},
    )
    comment = forms.CharField(
        label=_("还想说点什么"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def details(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


ACT_FORMS: dict[str, type[SupplementForm | PhotosForm | WithdrawForm | RateForm]] = {
    "supplement": SupplementForm,
    "attach": PhotosForm,
    "withdraw": WithdrawForm,
    "rate": RateForm,
}
