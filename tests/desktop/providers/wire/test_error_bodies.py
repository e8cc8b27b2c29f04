"""What an error says is found under whatever name, and within whatever other text, a gateway puts it."""

from __future__ import annotations

import json

import pytest

from desktop.providers.wire.error_bodies import read_complaint

TOO_LONG = json.dumps({"error": {"message": "Prompt is too long.", "code": "x_1", "param": "messages"}})
WSO2 = '<am:fault xmlns:am="http://w"><am:code>9</am:code><am:message>Runtime Error</am:message><am:description>Invalid'
WCF = '<Fault xmlns="http://m"><Code><Value>Sender</Value></Code><Reason><Text xml:lang="en">Bad header</Text></Reason>'
SOAP = "<s:Envelope><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>Backend down</faultstring></s:Fault>"


def nested(text: str, times: int) -> str:
    for _ in range(times):
        text = json.dumps({"error": {"message": text}})
    return text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"fault": {"faultstring": "Invalid ApiKey", "detail": {"errorcode": "oauth.v2"}}}, "Invalid ApiKey"),
        ({"fault": {"code": 9, "message": "Missing", "description": "No header."}}, "Missing: No header."),
        ({"httpCode": "401", "httpMessage": "Unauthorized", "moreInformation": "Bad id."}, "Bad id."),
        ({"error": {"errorCode": "500", "errorMessage": "Backend gone"}}, "Backend gone"),
        ({"errors": [{"status": "400", "title": "Bad", "detail": "Not on the list"}]}, "Not on the list"),
        ({"errors": ["One.", "Two."]}, "One.; Two."),
        ({"detail": {"error": "Inference prohibited"}}, "Inference prohibited"),
        ({"error_code": 110, "error_msg": "Access token invalid"}, "Access token invalid"),
        ({"code": 1001, "msg": "Too bad"}, "Too bad"),
        ({"error": "invalid_client", "error_description": "Unknown client."}, "Unknown client."),
        ({"Response": {"Error": {"Code": "AuthFailure", "Message": "No."}, "RequestId": "x"}}, "No."),
        ({"ResponseMetadata": {"Error": {"Code": "X", "Message": "Never."}}}, "Never."),
        ({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}, "login fail"),
        ({"message": "Invalid", "detail": [{"loc": ["body", "n"], "msg": "too big"}]}, "Invalid: body.n: too big"),
        ({"detail": json.dumps([{"loc": ["body", "n"], "msg": "too big"}])}, "body.n: too big"),
    ],
)
def test_the_words_are_found_under_every_name(body: object, said: str) -> None:
    assert read_complaint(json.dumps(body).encode()).message == said


@pytest.mark.parametrize(
    ("body", "said", "code"),
    [
        (f"{WSO2} Credentials</am:description></am:fault>", "Runtime Error: Invalid Credentials", "9"),
        (f"{WCF}</Fault>", "Bad header", "sender"),
        (f"{SOAP}</s:Body></s:Envelope>", "Backend down", "s:server"),
        ("<error><message><![CDATA[a < b]]></message></error>", "a < b", ""),
        ("<r><message a='1'>Once</message><description>Once</description></r>", "Once", ""),
    ],
)
def test_xml_is_read_in_every_namespace(body: str, said: str, code: str) -> None:
    found = read_complaint(body.encode())
    assert found.message == said
    assert "".join(found.codes) == code


@pytest.mark.parametrize(
    "body",
    [
        nested(TOO_LONG, 1),
        nested(TOO_LONG, 3),
        json.dumps({"error": {"message": "Provider returned error", "metadata": {"raw": nested(TOO_LONG, 1)}}}),
        json.dumps({"error": {"message": repr(TOO_LONG.encode())}}),
        f"<e><message>{TOO_LONG}</message></e>",
    ],
)
def test_an_error_within_an_errors_text_is_opened(body: str) -> None:
    found = read_complaint(body.encode())
    assert found.message == "Prompt is too long."
    assert "x_1" in found.codes
    assert found.param == "messages"


def test_what_a_gateway_says_before_an_error_stays() -> None:
    found = read_complaint(nested(f"x.BadRequestError: XException - {TOO_LONG}", 1).encode())
    assert found.message == "x.BadRequestError: XException - Prompt is too long."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('{"broken', '{"broken'),
        ("[not JSON]", "[not JSON]"),
        ("Failed: {curly}", "Failed: {curly}"),
        ("<html><title>503 Busy</title></html>", "503 Busy"),
        ("<br>", "<br>"),
    ],
)
def test_a_text_that_is_no_error_itself_stays_as_it_is(text: str, said: str) -> None:
    assert read_complaint(nested(text, 1).encode()).message == said


def test_texts_are_not_opened_for_ever() -> None:
    assert read_complaint(nested(TOO_LONG, 6).encode()).message.startswith("{")


def test_keys_are_hidden_however_deep_they_stand() -> None:
    spelled = json.dumps({"error": {"message": "Key sk-abc\\u002d1234567890 is bad"}}).replace("\\\\u", "\\u")
    for times in range(4):
        shown = read_complaint(nested(spelled, times).encode(), ("sk-abc-1234567890",)).shown
        assert "1234567890" not in shown
