"""Bodies that a server or a proxy compressed although none was asked for: unpacked as they come, within bounds."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from desktop.errors import AnswerTooLarge, AnswerUnreadable
from desktop.phrases import phrase

_STEP = 64 << 10
"""Bytes that are unpacked at once."""

_FREE = 4 << 20
_MOST_TIMES = 200
"""So much is unpacked of anything; beyond it no more than so many times what came. Streams of answers reach 30."""

_GZIP, _ZLIB, _RAW = 31, 15, -15
"""What zlib is told of what it unpacks."""

_MEMBER = b"\x1f"
"""What a gzip file's further members begin with; other bytes behind one are filling."""

_KINDS = frozenset({"gzip", "x-gzip", "deflate"})


def can_unpack(encoding: str) -> bool:
    """Whether a content encoding is known here."""
    return encoding.strip().lower() in _KINDS


async def unpacked(body: AsyncGenerator[bytes, None], encoding: str, host: str) -> AsyncGenerator[bytes, None]:
    """The bytes of a compressed body, each as soon as what came allows.

    Raises AnswerUnreadable for what is not compressed so, AnswerTooLarge for a bomb, and what the body raises.
    """
    unpacker = _Decompressor(is_gzip=encoding.strip().lower() != "deflate", host=host)
    async with aclosing(body) as chunks:
        async for chunk in chunks:
            for piece in unpacker.feed(chunk):
                yield piece


class _Decompressor:
    """Takes what comes and gives what that unpacks to, a step at a time."""

    def __init__(self, *, is_gzip: bool, host: str) -> None:
        self._is_gzip = is_gzip
        self._host = host
        self._zlib = zlib.decompressobj(_GZIP) if is_gzip else None
        self._came = self._gave = 0
        self._over = False
        self._is_between = False
        """Whether a member ended with what came before: what comes now is another one, or padding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` completes."""
        self._came += len(data)
        more = True
        if self._is_between and data:
            self._is_between, self._over = False, data[:1] != _MEMBER[:1]
        while more and not self._over:
            piece, data = self._step(data)
            if piece:
                yield piece
            more = bool(data) or len(piece) == _STEP

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        """One piece, and what is left of what came."""
        if self._zlib is None:  # what servers call deflate has zlib's head, as is right, or none
            self._zlib = zlib.decompressobj(_ZLIB if data[:1] and data[0] & 0x0F == 8 else _RAW)
        try:
            piece = self._zlib.decompress(data, _STEP)
        except zlib.error:
            raise AnswerUnreadable(
                phrase("{host} sent a compressed response that could not be unpacked.", host=self._host),
                hint=phrase("A proxy may have damaged it."),
            ) from None
        self._gave += len(piece)
        if self._gave > max(_FREE, self._came * _MOST_TIMES):
            raise AnswerTooLarge(
                phrase("{host} sent a compressed response that unpacks to an implausible size.", host=self._host)
            )
        if not self._zlib.eof:
            return piece, self._zlib.unconsumed_tail
        left = self._zlib.unused_data
        if self._is_gzip and left.startswith(_MEMBER):
            self._zlib = zlib.decompressobj(_GZIP)
            return piece, left
        self._over = not self._is_gzip or bool(left)
        if not self._over:
            self._zlib, self._is_between = zlib.decompressobj(_GZIP), True
        return piece, b""
