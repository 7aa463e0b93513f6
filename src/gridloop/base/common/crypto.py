"""
Encryption of single personal fields, and an index by which they are found without being read.

The secret is `settings.FIELD_KEY`: a comma-separated list of which the first encrypts and all decrypt, so
that a key is replaced by putting the new one in front. `settings.FIELD_CIPHER` says which cipher writes; both
are read.

Layout: cipher (1 byte), key id (4), nonce (12), ciphertext, tag (16). Cipher and key id are authenticated.
"""

import hmac
import os
import unicodedata
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

AES = "AES-256-GCM"
SM4 = "SM4-GCM"

_CIPHERS = {1: AES, 2: SM4}
_NUMBERS = {name: number for number, name in _CIPHERS.items()}
_HEADER = 5
_NONCE = 12
_TAG = 16


class Unreadable(Exception):
    """A stored field is damaged, was tampered with, or its key is no longer in FIELD_KEY."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What is derived from one secret."""

    id: bytes
    aes: bytes
    sm4: bytes
    index: bytes

    def algorithm(self, cipher: str) -> algorithms.AES | algorithms.SM4:
        return algorithms.AES(self.aes) if cipher == AES else algorithms.SM4(self.sm4)


def encrypt(text: str) -> bytes:
    """
    Return the text encrypted with the first key, different each time.

    :raises ValueError: FIELD_CIPHER is not a known cipher or FIELD_KEY is empty.
    """
    cipher, key = settings.FIELD_CIPHER, _keys()[0]
    if cipher not in _NUMBERS:
        raise ValueError(f"FIELD_CIPHER must be one of {', '.join(_NUMBERS)}, not {cipher!r}")
    header, nonce = bytes([_NUMBERS[cipher]]) + key.id, os.urandom(_NONCE)
    encryptor = Cipher(key.algorithm(cipher), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(header)
    # A lone surrogate, which no UTF-8 can hold, must not lose the rest of what a person typed.
    body = encryptor.update(text.encode("utf-8", "surrogatepass")) + encryptor.finalize()
    return header + nonce + body + encryptor.tag


def decrypt(data: bytes | memoryview) -> str:
    """
    Return what `encrypt` was given, whichever cipher and key of the list wrote it.

    :raises Unreadable: the data is damaged or altered, or no key of FIELD_KEY fits.
    """
    blob = bytes(data)
    cipher, key = _CIPHERS.get(blob[0]) if blob else None, _key_of(blob[1:_HEADER])
    if cipher is None or key is None or len(blob) < _HEADER + _NONCE + _TAG:
        raise Unreadable("not an encrypted field, or its key is not in FIELD_KEY")
    nonce, body, tag = blob[_HEADER : _HEADER + _NONCE], blob[_HEADER + _NONCE : -_TAG], blob[-_TAG:]
    decryptor = Cipher(key.algorithm(cipher), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(blob[:_HEADER])
    try:
        return (decryptor.update(body) + decryptor.finalize()).decode("utf-8", "surrogatepass")
    except InvalidTag as error:
        raise Unreadable("an encrypted field was altered") from error


def is_current(data: bytes | memoryview) -> bool:
    """Return whether the first key and the chosen cipher wrote it; if not, it is due to be rewritten."""
    return bytes(data)[:_HEADER] == bytes([_NUMBERS[settings.FIELD_CIPHER]]) + _keys()[0].id


def blind_index(text: str) -> bytes:
    """
    Return 32 bytes that are equal for equal values and say nothing else, to store beside the encrypted field.

    Width, case, spaces and punctuation make no difference: 138-0000-1234 is found by 13800001234.
    """
    return _index(text, _keys()[0])


def blind_indexes(text: str) -> list[bytes]:
    """Return the index under every key, to search with while rows written under an older key remain."""
    return [_index(text, key) for key in _keys()]


def _index(text: str, key: _Key) -> bytes:
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))
    return hmac.digest(key.index, plain.encode("utf-8", "surrogatepass"), "sha256")


def _key_of(key_id: bytes) -> _Key | None:
    return next((key for key in _keys() if key.id == key_id), None)


def _keys() -> list[_Key]:
    secrets = [secret.strip() for secret in settings.FIELD_KEY.split(",") if secret.strip()]
    if not secrets:
        raise ValueError("FIELD_KEY must hold at least one key")
    return [_derive(secret) for secret in secrets]


@cache
def _derive(secret: str) -> _Key:
    return _Key(
        *(_hkdf(secret, use, size) for use, size in (("id", 4), ("aes", 32), ("sm4", 16), ("index", 32)))
    )


def _hkdf(secret: str, use: str, size: int) -> bytes:
    info = f"gridloop field {use}".encode()
    return HKDF(algorithm=SHA256(), length=size, salt=None, info=info).derive(secret.encode())
