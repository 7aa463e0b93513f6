import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridloop.base.common.masks import mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (mask_name, "王小明", "王**"),
        (mask_name, " 欧阳 ", "欧*"),
        (mask_name, "王", "*"),
        (mask_name, "阿卜杜拉·买买提", "阿***"),
        (mask_name, "", ""),
        (mask_phone, "13812345678", "138****5678"),
        (mask_phone, "0519-86312345", "051******2345"),
        (mask_phone, "86312345", "86****45"),
        (mask_phone, "12345", "*****"),
        (mask_id, "320482199001011234", "320***********1234"),
        (mask_id, "320482900101123", "320********1123"),
        (mask_id, "G12345678", "G*******8"),
        (mask_id, "12", "**"),
    ],
)
def test_what_is_shown_is_enough_to_recognise_and_too_little_to_use(mask, text, shown):
    assert mask(text) == shown


@given(st.text(st.characters(categories=["Nd", "Lu"]), min_size=1, max_size=30))
def test_no_mask_ever_shows_more_than_seven_characters_or_all_of_them(text):
    for mask in (mask_name, mask_phone, mask_id):
        shown = mask(text)
        hidden = shown.count("*")
        assert len(shown) - hidden <= 7
        assert hidden >= 1


@given(st.integers(19000101, 20991231))
def test_the_date_of_birth_in_an_identity_number_is_never_shown(born):
    assert str(born)[2:] not in mask_id(f"320482{born}123X")
