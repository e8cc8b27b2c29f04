"""Compressed bodies: unpacked as they come however they are cut, bounded, and named where they are damaged."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncGenerator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import AnswerTooLarge, AnswerUnreadable, AuthenticationFailed
from desktop.providers.http_transport import can_unpack, unpacked
from tests.desktop.providers.asking import KEY, SECRET, ask, make
from tests.servers.faults import FaultServer

TEXT = "".join(f"data: word {number}\n\n" for number in range(400)).encode()


def raw(data: bytes) -> bytes:
    """Deflate as some servers have it, without a head."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + b"\0" * 20,
    "deflate": zlib.compress(TEXT),
    "Deflate ": raw(TEXT),
}


async def body(pieces: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece


async def read(pieces: Iterable[bytes], encoding: str) -> list[bytes]:
    return [each async for each in unpacked(body(pieces), encoding, "h")]


@pytest.mark.parametrize("encoding", PACKED)
@given(cuts=st.lists(st.integers(1, 700), max_size=30))
async def test_it_is_read_however_it_is_cut(encoding: str, cuts: list[int]) -> None:
    packed, pieces = PACKED[encoding], list[bytes]()
    for cut in cuts:
        pieces.append(packed[:cut])
        packed = packed[cut:]
    assert b"".join(await read([*pieces, packed], encoding)) == TEXT


async def test_padding_that_comes_by_itself_is_none_of_the_answer() -> None:
    whole = gzip.compress(TEXT)
    assert b"".join(await read([whole, b"\0" * 20, b"\0" * 9], "gzip")) == TEXT
    assert b"".join(await read([whole, whole[:1], whole[1:], b"\0"], "gzip")) == TEXT * 2


async def test_what_was_flushed_is_given_before_more_comes() -> None:
    packer = zlib.compressobj(wbits=31)
    given = [packer.compress(each) + packer.flush(zlib.Z_SYNC_FLUSH) for each in (b"data: a\n\n", b"data: b\n\n")]
    assert await read(given, "gzip") == [b"data: a\n\n", b"data: b\n\n"]


async def test_one_piece_may_be_larger_than_a_step() -> None:
    whole = bytes(range(256)) * 2_000
    assert b"".join(await read([zlib.compress(whole)], "deflate")) == whole


async def test_a_bomb_is_an_error_before_it_is_large() -> None:
    came = list[int]()

    async def count() -> None:
        async for piece in unpacked(body([gzip.compress(b"x" * (1 << 26))]), "gzip", "h"):
            came.append(len(piece))

    with pytest.raises(AnswerTooLarge, match="decompresses to an implausible size"):
        await count()
    assert sum(came) <= 14 << 20


async def test_what_is_not_compressed_so_is_named() -> None:
    with pytest.raises(AnswerUnreadable, match="could not be decompressed"):
        await read([b"data: plain"], "gzip")


def test_other_encodings_are_not_known() -> None:
    assert not [each for each in ("br", "zstd", "identity", "", "gzip, gzip") if can_unpack(each)]


@pytest.mark.parametrize("route", ["openai-v1", "/openai/v1"])
async def test_a_compressed_stream_is_an_answer_like_any_other(server: FaultServer, route: str) -> None:
    assert server.key == KEY
    provider = make(server, route, SECRET)
    try:
        plain, packed = await ask(provider, "plain"), await ask(provider, "packed")
    finally:
        await provider.aclose()
    assert (packed.error, packed.text, packed.reason) == (None, plain.text, "stop")
    assert packed.text


async def test_a_refusal_whose_body_cannot_be_unpacked_is_told_by_its_status(server: FaultServer) -> None:
    provider = make(server, "openai-v1")
    try:
        found = await ask(provider, "401-mislabelled")
    finally:
        await provider.aclose()
    assert type(found.error) is AuthenticationFailed
