"""Files of a Batch API: lines that are written, and whatever a server may send back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.domain.conversation_types import JsonValue, Kind, Wire
from desktop.providers.wire.batch_files import (
    BatchResult,
    ResultHead,
    ResultLines,
    batch_state,
    endpoint_of,
    file_state,
    request_line,
    result_head,
    result_of,
    upload_form,
)
from desktop.providers.wire.faults import RequestTarget

ASKED = RequestTarget(host="lab", secrets=("sk-0123456789abcdef",))


def test_a_line_is_one_request_that_is_not_streamed() -> None:
    said: list[JsonValue] = [{"role": "user", "content": "é\n"}]
    body: dict[str, JsonValue] = {"model": "a", "messages": said, "stream": True, "stream_options": {}}
    line = request_line("0-0-0", Wire.CHAT, body)
    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "custom_id": "0-0-0",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "a", "messages": [{"role": "user", "content": "é\n"}]},
    }


def test_azure_names_the_route_of_chat_completions_without_its_version() -> None:
    assert endpoint_of(Kind.AZURE_INFERENCE, Wire.CHAT) == "/chat/completions"
    assert endpoint_of(Kind.AZURE_INFERENCE, Wire.RESPONSES) == "/v1/responses"
    assert endpoint_of(Kind.OPENAI_V1, Wire.CHAT) == "/v1/chat/completions"


def test_an_upload_is_a_form_of_two_fields_byte_for_byte() -> None:
    assert upload_form("f.jsonl", [b"{}\n", b"[]\n"], "xyz") == (
        b'--xyz\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="f.jsonl"\r\n'
        b"Content-Type: application/json\r\n\r\n{}\n[]\n\r\n--xyz--\r\n"
    )


@pytest.mark.parametrize("status", ["Completed", "FAILED", " expired ", "cancelled"])
def test_a_job_is_over_in_whatever_case_its_state_is_written(status: str) -> None:
    found = batch_state({"id": "batch_1", "status": status, "output_file_id": None}, ASKED)
    assert found is not None
    assert found.is_over
    assert found.output_file_id == ""


def test_why_a_job_failed_is_told_without_keys() -> None:
    errors = {"data": [{"message": "no sk-0123456789abcdef here"}, {"code": "bad_line"}, 7]}
    found = batch_state({"id": "batch_1", "status": "failed", "errors": errors}, ASKED)
    assert found is not None
    assert "0123456789" not in found.problem
    assert found.problem.endswith("here bad_line")


@pytest.mark.parametrize("value", [None, [], "x", {}, {"id": 7}, {"id": "x" * 999}, {"id": "a\nb"}])
def test_what_is_no_job_and_no_file_is_none(value: object) -> None:
    assert batch_state(value, ASKED) is None
    assert file_state(value, ASKED) is None


def test_a_key_in_what_names_and_tells_of_a_job_is_neither_kept_nor_shown() -> None:
    key, held = "sk-0123456789abcdef", "file-SK-0123456789ABCDEF"
    found = batch_state({"id": "b", "status": f"Failed: {key}", "output_file_id": held, "error_file_id": held}, ASKED)
    assert found is not None
    assert "0123456789" not in repr(found)
    assert found.status.startswith("failed")
    assert batch_state({"id": held}, ASKED) is None
    assert file_state({"id": held}, ASKED) is None
    told = json.dumps({"custom_id": key, "response": {"status_code": 200, "body": {}}})
    line = result_of(told.encode(), ASKED)
    assert isinstance(line, BatchResult)
    assert "0123456789" not in repr(line)


def test_a_state_has_an_end() -> None:
    found = batch_state({"id": "b", "status": "x" * 1_000_000}, ASKED)
    assert found is not None
    assert len(found.status) <= 100


def test_lines_come_back_in_any_order_and_those_that_cannot_be_read_are_counted() -> None:
    answered: dict[str, Any] = {
        "custom_id": "1-0-0",
        "response": {"status_code": 200, "request_id": "r", "body": {"a": 1}},
    }
    lost = {"custom_id": "0-0-0", "response": None, "error": {"code": "batch_expired", "message": "late"}}
    lines = [json.dumps(answered).encode(), b"", b"{half", b"[]", b'{"custom_id": 3}', json.dumps(lost).encode()]
    assert [result_of(line, ASKED) for line in lines] == [
        BatchResult(custom_id="1-0-0", status=200, body=b'{"a":1}', request_id="r"),
        None,
        None,
        None,
        None,
        BatchResult(custom_id="0-0-0", code="batch_expired", said="late"),
    ]
    heads = [result_head(line) for line in lines]
    assert heads == [ResultHead("1-0-0", 200), None, None, None, None, ResultHead("0-0-0", None)]


@pytest.mark.parametrize("response", ["[]", '"x"', "{}", '{"status_code": "200"}', '{"status_code": true}'])
def test_whose_a_line_is_stands_in_odd_ones_too(response: str) -> None:
    assert result_head(f'{{"custom_id": " 0-0-0 ", "response": {response}}}'.encode()) == ("0-0-0", None)


def test_halves_of_characters_and_endless_numbers_end_nothing() -> None:
    lines = [
        b'{"custom_id": "0-0-0", "response": {"status_code": 200, "body": {"a": "\\ud800"}}}',
        b'{"custom_id": "0-0-1", "response": {"status_code": 200, "body": {"a": 1e999}}}',
        b'{"custom_id": "0-0-2", "response": {"status_code": 1e999, "body": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    ]
    assert [head.custom_id for line in lines if (head := result_head(line))] == ["0-0-0", "0-0-1"]
    assert [result_of(line, ASKED) is None for line in lines] == [False, True, True]


_PIECES = st.lists(st.sampled_from([b"a", b"bc", b" ", b"\r", b"\n", b"\xef\xbb\xbf", b"long" * 3]), max_size=40)


def cut(pieces: list[bytes], most: int = 8) -> list[bytes]:
    lines = ResultLines(most)
    return [*(line for piece in pieces for line in lines.feed(piece)), *lines.finish()]


@given(_PIECES)
@example([b"\n", b" ", b"12345678", b"\n"])
def test_pieces_make_no_difference(pieces: list[bytes]) -> None:
    assert cut(pieces) == cut([b"".join(pieces)]) == cut([bytes([each]) for each in b"".join(pieces)])


def test_blank_lines_and_a_mark_at_the_beginning_are_none_and_one_that_is_too_long_is_empty() -> None:
    assert cut([b"\xef\xbb\xbf{}\r\n\n \n12345678\n", b"1234567", b"89\n[]"]) == [b"{}", b"12345678", b"", b"[]"]
