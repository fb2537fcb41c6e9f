"""Encryption at rest under the deployment's secret key, and the fingerprint that guards it."""

import errno
import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_FILE = "secret.key"


class WrongKeyError(Exception):
    """The secret key is not the one that this database was written with."""


def load_secret(data_dir: Path, configured: str | None) -> bytes:
    """The secret: SECRET_KEY, or made once into ``DATA_DIR/secret.key`` (mode 0600).

    Raises:
        OSError: The file cannot be read or written, or holds no key.
    """
    if configured:
        return configured.encode()
    path = data_dir / KEY_FILE
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        # Written aside first: a crash in between must not leave an empty key behind.
        partial = data_dir / f"{KEY_FILE}.new"
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(os.urandom(32).hex())
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    secret = path.read_text(encoding="ascii").strip().encode()
    if not secret:
        raise OSError(errno.EINVAL, f"{KEY_FILE} is empty; restore it")
    return secret


class Vault:
    """Seals and opens small records (AES-256-GCM, random nonce, bound to their place)."""

    def __init__(self, secret: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        self._secret = secret
        self._random = random
        self._cipher = AESGCM(self.derive("records"))

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose."""
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()

    @property
    def fingerprint(self) -> str:
        """What the database remembers of the key, to notice a wrong one."""
        return self.derive("fingerprint").hex()[:32]

    def seal(self, data: bytes, place: bytes) -> bytes:
        """Encrypt ``data`` so that it opens only for the same ``place``."""
        nonce = self._random(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Decrypt.

        Raises:
            WrongKeyError: The record was sealed with another key, or for another place.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise WrongKeyError from None
