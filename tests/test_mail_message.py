"""What leaves is what was approved: readable by any mail program, and nothing in a CRM adds a header or a recipient."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail import Refused
from bot.mail.message import Letter, address, message_id, written

AT = datetime(2026, 11, 27, 16, 5, tzinfo=ZoneInfo("Europe/Berlin"))
BODY = "Hi Dana,\n\nShall we talk on Thursday?\n\nMaya\n"
KNOWN: dict[str, Any] = {
    "message_id": "<0123abcd@mendwell.example>",
    "at": AT,
    "sender": "Maya Lindqvist",
    "sender_address": "maya@mendwell.example",
    "to": "Dana Whitfield",
    "to_address": "dana@northwind.example",
    "subject": "Thursday",
    "body": BODY,
}
HEADERS = {"message-id", "date", "from", "to", "subject", "x-afterword-id", "mime-version", "content-type"}
HEADERS |= {"content-transfer-encoding"}


def raw(**changes: Any) -> bytes:
    return written(Letter(**{**KNOWN, **changes})).as_bytes()


def read(**changes: Any) -> EmailMessage:
    """The email as the other side gets it."""
    return message_from_bytes(raw(**changes), policy=default)


def body(message: EmailMessage) -> str:
    return message.get_content().replace("\r\n", "\n")


def test_an_email_says_who_whom_when_and_what() -> None:
    message = read()
    assert message["From"] == "Maya Lindqvist <maya@mendwell.example>"
    assert message["To"] == "Dana Whitfield <dana@northwind.example>"
    assert message["Subject"] == "Thursday"
    assert message["Date"].datetime == AT
    assert message["Message-ID"] == "<0123abcd@mendwell.example>"
    assert message["X-Afterword-Id"] == "0123abcd"
    assert message.get_content_type() == "text/plain" and body(message) == BODY
    assert {name.lower() for name in message} == HEADERS


@pytest.mark.parametrize(
    "text",
    [
        "Grüße aus Köln — “schön”, sagte er… 😀👩‍🚀",
        "שלום דנה, נדבר ביום חמישי?",
        "x" * 1_000,
        "é" * 1_000,
        "word " * 400,
        ".\n.dots\n..more\nFrom the start\n>From quoted",
        "ends with a space \nand a tab\t\nand =3D",
        "100% = 50 + 50",
    ],
)
def test_a_body_arrives_as_it_was_written(text: str) -> None:
    whole = raw(body=text)
    assert body(message_from_bytes(whole, policy=default)) == text + "\n"
    assert max(map(len, whole.split(b"\r\n"))) <= 998 and whole.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", whole), "every line ends in CRLF"


@pytest.mark.parametrize(
    "subject",
    ["Grüße 😀", "שלום דנה", "A subject of very many words " * 12, "x" * 400, "Dana: 50% <off> & more; (really), @you"],
)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    assert read(subject=subject)["Subject"] == subject.strip()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("field", ["to", "sender", "subject", "to_address"])
def test_no_line_end_in_a_value_makes_a_header(field: str, end: str) -> None:
    value = f"dana@northwind.example{end}Bcc: all@evil.example{end}{end}Click here"
    if field == "to_address":
        with pytest.raises(Refused):
            raw(to_address=value)
        return
    message = read(**{field: value})
    assert {name.lower() for name in message} == HEADERS
    assert body(message) == BODY
    assert [each.addr_spec for each in message["To"].addresses] == ["dana@northwind.example"]


@settings(max_examples=300, deadline=None)
@given(
    name=st.text(max_size=60),
    subject=st.text(max_size=120),
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=300),
)
def test_whatever_a_record_holds_the_email_has_one_recipient_and_these_headers(
    name: str, subject: str, text: str
) -> None:
    message = read(to=name, sender=name, subject=subject, body=text)
    assert {each.lower() for each in message} == HEADERS
    for header, spec in (("To", "dana@northwind.example"), ("From", "maya@mendwell.example")):
        assert [each.addr_spec for each in message[header].addresses] == [spec]
    assert body(message) == text.strip("\n") + "\n"


@pytest.mark.parametrize(
    "name", ["O'Brien, Dana", 'Dana "D" W', "Dana (CEO)", "Dana <x@y.example>", "Müller, Jörg", "😀", ""]
)
def test_a_name_stays_a_name(name: str) -> None:
    (only,) = read(to=name)["To"].addresses
    assert (only.display_name, only.addr_spec) == (name, "dana@northwind.example")


def test_what_looks_like_an_encoded_word_is_shown_as_typed() -> None:
    assert read(subject="Hi =?utf-8?q?Bcc?= there")["Subject"] == "Hi = ?utf-8?q?Bcc?= there"


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "dana", "@northwind.example", "dana@", "a b@x.example", "dana@x.example, eve@evil.example"),
        *("Dana <dana@x.example>", "dana@x..example", "dana@x.example\n", "dáná@x.example", '"a b"@x.example'),
    ],
)
def test_an_impossible_address_is_refused_with_the_remedy(wrong: str) -> None:
    if wrong.strip() == "dana@x.example":  # white space around an address is nobody's mistake
        assert address("", wrong).addr_spec == "dana@x.example"
        return
    with pytest.raises(Refused, match="Correct it in the CRM"):
        address("", wrong)


def test_a_domain_with_other_letters_is_written_as_dns_knows_it() -> None:
    assert address("", "dana@bücher.example").addr_spec == "dana@xn--bcher-kva.example"


def test_an_answer_belongs_to_its_thread_and_a_wrong_id_to_none() -> None:
    thread = ("<first@x.example>", "not an id", "<evil@x>\r\nBcc: a@b.example", "<last@x.example>")
    message = read(thread=thread)
    assert message["In-Reply-To"] == "<last@x.example>"
    assert message["References"] == "<first@x.example> <last@x.example>"
    assert not message_id("<a@b> <c@d>") and "Bcc" not in message
    assert "In-Reply-To" not in read()


def test_marketing_mail_offers_to_unsubscribe_with_one_click() -> None:
    message = read(bulk=True, unsubscribe="https://mendwell.example/u?who={email}", to_address="d+a@northwind.example")
    assert message["List-Unsubscribe"] == "<https://mendwell.example/u?who=d%2Ba%40northwind.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    by_mail = read(bulk=True)
    assert by_mail["List-Unsubscribe"] == "<mailto:maya@mendwell.example?subject=unsubscribe>"
    assert "List-Unsubscribe-Post" not in by_mail, "one click needs an address that answers a POST"
    assert "List-Unsubscribe" not in read(unsubscribe="https://mendwell.example/u?who={email}")


def test_without_a_sender_the_address_is_nobodys() -> None:
    message = read(sender_address="", at=datetime(2026, 11, 27, tzinfo=UTC))
    assert message["From"].addresses[0].domain == "afterword.invalid"
