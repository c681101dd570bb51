"""The lake's identity key: 32 secret bytes from which person keys and sealed identities derive."""

import os
import secrets
from pathlib import Path

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chengshu.lake import storage_messages

VARIABLE = "CHENGSHU_IDENTITY_KEY"
_FILE = "secret.key"
_BYTES = 32


class IdentityKey:
    """Derives person keys and seals identities, each with a key of its own (HKDF-SHA-256)."""

    def __init__(self, secret: bytes) -> None:
        self._hashing = _derive(secret, b"person_key")
        self.sealing = AESGCM(_derive(secret, b"identities"))
        self.naming = _derive(secret, b"names")
        self.name = _derive(secret, b"name")[:8].hex()
        """Tells keys apart without giving anything away."""

    def person_keys(self, base: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """(n,) signed 64-bit keys of ID numbers given as their first 17 digits.

        AES-256 of one block is a pseudo-random function of the number; half of its output is kept. Unlike a
        plain hash it cannot be undone by trying all ID numbers, and it costs a tenth of a keyed SHA-256.
        """
        blocks = np.zeros((len(base), 2), dtype="<i8")
        blocks[:, 0] = base
        # ECB over distinct blocks is exactly that function; nothing is ever decrypted.
        encryptor = Cipher(algorithms.AES256(self._hashing), modes.ECB()).encryptor()  # noqa: S305
        output = encryptor.update(blocks.tobytes()) + encryptor.finalize()
        return np.frombuffer(output, dtype="<i8").reshape(-1, 2)[:, 0].astype(np.int64)


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _BYTES, salt=None, info=b"chengshu " + purpose).derive(secret)


def load_identity_key(lake_dir: Path, *, create: bool) -> IdentityKey:
    """The key from the environment, else the lake's own, which is made at the first load.

    Raises:
        StorageError: it is malformed, or absent where it must be there.
    """
    given = os.environ.get(VARIABLE)
    file = lake_dir / _FILE
    if given is None and not file.exists() and create:
        _write_secret(file)
    place = VARIABLE if given is not None else str(file)
    try:
        secret = bytes.fromhex(given if given is not None else file.read_text(encoding="ascii"))
    except (ValueError, FileNotFoundError) as error:
        raise storage_messages.wrong_secret(place) from error
    if len(secret) != _BYTES:
        raise storage_messages.wrong_secret(place)
    return IdentityKey(secret)


def _write_secret(file: Path) -> None:
    """Write it whole or not at all, for the owner only: a half-written key would lock the lake."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as sink:
        sink.write(secrets.token_hex(_BYTES))
        sink.flush()
        os.fsync(sink.fileno())
    draft.replace(file)
