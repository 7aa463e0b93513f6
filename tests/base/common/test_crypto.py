"""Personal fields: nobody reads them without the key, nobody alters them unnoticed, keys can be replaced."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as speed
from hypothesis import strategies as st

from gridloop.base.common.crypto import (
    AES,
    SM4,
    Unreadable,
    blind_index,
    blind_indexes,
    decrypt,
    encrypt,
    is_current,
)

PHONE = "138-0000-1234"
FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in "13800001234")
fixtures_are_fine = speed(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=[AES, SM4])
def cipher(request, settings):
    settings.FIELD_KEY, settings.FIELD_CIPHER = "first", request.param
    return request.param


@fixtures_are_fine
@given(text=st.text(st.characters()))  # half a surrogate pair and NUL among them
def test_what_was_encrypted_is_read_again(cipher, text):
    assert decrypt(encrypt(text)) == text
    assert decrypt(memoryview(encrypt(text))) == text


def test_the_same_text_looks_different_each_time_and_never_like_itself(cipher):
    first, second = encrypt(PHONE), encrypt(PHONE)
    assert first != second
    assert PHONE.encode() not in first


def test_no_bit_can_be_altered_unnoticed(cipher):
    blob = encrypt("王小明")
    for position in range(len(blob)):
        for bit in (1, 128):
            altered = bytearray(blob)
            altered[position] ^= bit
            with pytest.raises(Unreadable):
                decrypt(bytes(altered))


def test_no_end_can_be_cut_off_unnoticed(cipher):
    blob = encrypt("王小明")
    for length in range(len(blob)):
        with pytest.raises(Unreadable):
            decrypt(blob[:length])


def test_a_field_says_nothing_of_the_cipher_that_would_read_it_as_another(cipher):
    blob = bytearray(encrypt(PHONE))
    blob[0] = 3 - blob[0]  # AES for SM4, SM4 for AES
    with pytest.raises(Unreadable):
        decrypt(bytes(blob))


def test_a_change_of_cipher_leaves_older_fields_readable(settings):
    settings.FIELD_KEY, settings.FIELD_CIPHER = "first", AES
    older = encrypt(PHONE)
    assert is_current(older)
    settings.FIELD_CIPHER = SM4
    assert decrypt(older) == PHONE
    assert not is_current(older)
    assert is_current(encrypt(decrypt(older)))


def test_a_key_is_replaced_by_putting_the_new_one_in_front(cipher, settings):
    older = encrypt(PHONE)
    settings.FIELD_KEY = "second, first"
    assert decrypt(older) == PHONE
    assert not is_current(older)
    newer = encrypt(PHONE)
    assert is_current(newer)
    settings.FIELD_KEY = "second"
    assert decrypt(newer) == PHONE
    with pytest.raises(Unreadable, match="FIELD_KEY"):
        decrypt(older)


@pytest.mark.parametrize("same", ["13800001234", " 138 0000 1234 ", FULL_WIDTH, "(138)0000-1234"])
def test_a_number_is_found_however_it_was_written(settings, same):
    settings.FIELD_KEY = "first"
    assert blind_index(same) == blind_index(PHONE)


def test_an_index_says_nothing_without_the_key_and_is_found_under_an_older_one(settings):
    settings.FIELD_KEY = "first"
    older = blind_index("32048219900101123x")
    assert older == blind_index("32048219900101123X") != blind_index("320482199001011230")
    assert len(older) == 32
    settings.FIELD_KEY = "second,first"
    assert blind_index("32048219900101123x") != older
    assert older in blind_indexes("32048219900101123x")


@pytest.mark.parametrize(
    ("key", "cipher", "word"), [("", AES, "FIELD_KEY"), (" , ", AES, "FIELD_KEY"), ("k", "DES", "SM4-GCM")]
)
def test_a_wrong_setting_is_refused_before_anything_is_written(settings, key, cipher, word):
    settings.FIELD_KEY, settings.FIELD_CIPHER = key, cipher
    with pytest.raises(ValueError, match=word):
        encrypt(PHONE)
