"""Import files as they come: what can be read is read, what cannot is rejected with line, reason and remedy."""

import csv
import io
import itertools
import mailbox
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage.crm.csv_files import (
    Mapped,
    MissingColumn,
    open_companies,
    open_contacts,
    open_deals,
    open_events,
)
from storage.crm.csv_text import CrmFileError
from storage.crm.email_files import open_emails
from storage.crm.records import CompanyRow, ContactRow, EmailRow, EventRow, Reject
from storage.crm.rejects import writing_rejects

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


Write = Callable[..., Path]


def contacts(path: Path) -> list[ContactRow | Reject]:
    return list(open_contacts(path, zone=BERLIN).rows())


def only_contact(write: Write, header: str, cells: str) -> ContactRow:
    [row] = contacts(write(f"{header}\n{cells}\n"))
    assert isinstance(row, ContactRow), row
    return row


def reason(rows: list[Any]) -> str:
    [row] = rows
    assert isinstance(row, Reject), row
    return row.reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_same_rows_in_every_dialect(write: Write, delimiter: str, mark: str, end: str) -> None:
    lines = [
        ["Record ID", "Email Address", "First Name"],
        ["7", "Zoe@Firm.example", '"Zoë, ""Z"""'],
        ["8", "b@c.example"],
    ]
    path = write(mark + end.join(delimiter.join(cells) for cells in lines))
    assert contacts(path) == [
        ContactRow(line=2, source_id="7", email="zoe@firm.example", first_name='Zoë, "Z"'),
        ContactRow(line=3, source_id="8", email="b@c.example"),
    ]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Email", "email"),
        ("E-Mail Address", "email"),
        (" email_address ", "email"),
        ("GIVEN NAME", "first_name"),
        ("first-name", "first_name"),
        ("Surname", "last_name"),
        ("Job Title", "title"),
        ("Contact owner", "owner"),
        ("Lifecycle Stage", "lifecycle"),
        ("HasOptedOutOfEmail", "email_opt_out"),
        ("Do Not Email", "do_not_contact"),
        ("Associated Company IDs", "company_id"),
    ],
)
def test_headers_are_known_by_their_usual_names(write: Write, header: str, field: str) -> None:
    header_row = header if field == "email" else f"email,{header}"
    assert field in open_contacts(write(header_row + "\n"), zone=UTC).fields


def test_unknown_and_repeated_columns_are_listed(write: Write) -> None:
    table = open_contacts(
        write("Email Address,Shoe size,email,First name,first_name,\na@a.example,9,b@b.example,A,B,\n"), zone=UTC
    )
    assert table.unknown == ("Shoe size",)
    assert table.repeated == ("Email Address", "first_name")
    assert table.fields == ("email", "first_name")
    assert table.lines == 2
    [row] = table.rows()
    assert isinstance(row, ContactRow)
    assert (row.email, row.first_name, row.source_id) == ("b@b.example", "A", "b@b.example")


def test_the_line_is_the_first_physical_one_of_the_row(write: Write) -> None:
    text = 'contact_id,at,kind,body\n\nc,2026-11-02,note,"one\ntwo\n\nfour"\n\nc,soon,note,\nc,2026-11-02,call,"x\ny"'
    first, second, third = open_events(write(text), zone=UTC).rows()
    assert isinstance(first, EventRow)
    assert (first.line, first.body) == (3, "one\ntwo\n\nfour")
    assert isinstance(second, Reject)
    assert (second.line, second.raw) == (8, "c,soon,note,")
    assert third.line == 9


def test_a_header_may_span_lines(write: Write) -> None:
    [row] = contacts(write('"email\naddress",first_name\na@b.example,A\n'))
    assert isinstance(row, ContactRow)
    assert row.line == 3


@pytest.mark.parametrize("word", ["true", "TRUE", "Yes", "1", "x", "on"])
def test_yes_in_its_forms(write: Write, word: str) -> None:
    assert only_contact(write, "email,bounced", f"a@b.example,{word}").bounced is True


@pytest.mark.parametrize("word", ["false", "No", "0", "off", "", "  "])
def test_no_in_its_forms(write: Write, word: str) -> None:
    assert only_contact(write, "email,bounced", f"a@b.example,{word}").bounced is False


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20T14:30:00Z", datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("2026-11-20T14:30:00+05:30", datetime(2026, 11, 20, 9, 0, tzinfo=UTC)),
        ("2026-11-20 14:30", datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
        ("2026-07-20 14:30", datetime(2026, 7, 20, 12, 30, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 19, 23, 0, tzinfo=UTC)),
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # skipped by the clock change
    ],
)
def test_times_become_utc(write: Write, written: str, meant: datetime) -> None:
    [row] = open_events(write(f"contact_id,at,kind\nc,{written},Email Open\n"), zone=BERLIN).rows()
    assert isinstance(row, EventRow)
    assert row.at == meant
    assert row.at.tzinfo is UTC
    assert row.kind == "email_open"


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("email", "nobody", 'column "email": "nobody" is not an email address; write it as name@company.com'),
        ("email", "a@b@c.example", "is not an email address"),
        ("email", "A <a@b.example>", "is not an email address"),
        ("email", "a@b", "is not an email address"),
        ("email", "", 'column "email" is empty; fill it in'),
        ("first_name", "x" * 501, "is 501 characters long; shorten it to 500"),
        ("bounced", "maybe", 'column "bounced": "maybe" is neither yes nor no; write true or false'),
        ("timezone", "Mars/Base", "write a name such as Europe/Paris"),
        ("consent_updated_at", "20/21/2026", "is not a date; write it as 2026-11-20"),
        ("consent_updated_at", "0206-11-20", "lies outside the years 1970 to 2100"),
    ],
)
def test_a_bad_contact_says_where_what_and_the_remedy(write: Write, column: str, value: str, says: str) -> None:
    row = {"phone": "1", "email": "a@b.example", column: value}
    assert says in reason(contacts(write(f"{','.join(row)}\n{','.join(row.values())},\n")))


@pytest.mark.parametrize(
    ("amount", "taken"),
    [
        *(("12500", "12500"), ("12,500.50", "12500.50"), ("1,234,567", "1234567"), ("0.5", "0.5"), ("", None)),
        *(("12.500,00", "12500.00"), ("12,50", "12.50"), ("1.234.567", "1234567"), ("€ 100", "100"), ("-", None)),
        *(("12 500,00 €", "12500.00"), ("12\u202f500,00\xa0€", "12500.00"), ("CHF 12'500.50", "12500.50")),
    ],
)
def test_amounts(write: Write, amount: str, taken: str | None) -> None:
    [row] = open_deals(write(f'id,name,amount\n1,Deal,"{amount}"\n')).rows()
    assert not isinstance(row, Reject)
    assert row.amount == (Decimal(taken) if taken else None)


@pytest.mark.parametrize(
    "amount",
    ["12.500", "12,5000", "12.5.00", "1.2,3.4", "EUR 100 USD", "-5", "1e9", "NaN", "Infinity", "1234567890123"],
)
def test_amounts_that_could_mean_something_else_are_refused(write: Write, amount: str) -> None:
    assert "is not an amount" in reason(list(open_deals(write(f'id,name,amount\n1,Deal,"{amount}"\n')).rows()))


@pytest.mark.parametrize("count", ["0", "-1", "2.0", "many", "٣", "1_0"])
def test_a_count_is_a_whole_number_from_one(write: Write, count: str) -> None:
    rows = list(open_events(write(f"contact_id,at,kind,count\nc,2026-11-02,open,{count}\n"), zone=UTC).rows())
    assert "is not a count" in reason(rows)


def test_a_deal_in_full(write: Write) -> None:
    [row] = open_deals(
        write("Record ID,Deal Name,Close Date,Is Open,Currency\n5,Big,2026-12-01T10:00:00Z,no,eur\n")
    ).rows()
    assert not isinstance(row, Reject)
    assert (row.close_date, row.is_open, row.currency) == (date(2026, 12, 1), False, "EUR")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.example", "www.x.example", "https://x.example/a b"])
def test_links_lead_to_web_pages(write: Write, url: str) -> None:
    rows = list(open_events(write(f"contact_id,at,kind,url\nc,2026-11-02,click,{url}\n"), zone=UTC).rows())
    assert "is not a web address" in reason(rows)


def test_what_cannot_be_seen_is_taken_out(write: Write) -> None:
    row = only_contact(write, "email,first_name,title", 'a@b.example,Jose\u0301\x07\u202e,"Head\nof\t Care"')
    assert (row.first_name, row.title) == ("José", "Head of Care")


def test_a_broken_quote_costs_one_row(write: Write) -> None:
    text = (
        'email,first_name\na@a.example,"Anna\nb@b.example,Ben\nc@c.example,Cyd\n"d@d.example"x,Dee\ne@e.example,Eve\n'
    )
    rows = contacts(write(text))
    assert [(row.line, type(row)) for row in rows] == [
        (2, Reject),
        (3, ContactRow),
        (4, ContactRow),
        (5, Reject),
        (6, ContactRow),
    ]
    assert isinstance(rows[0], Reject)
    assert rows[0].raw == 'a@a.example,"Anna'
    assert "quotes are not balanced" in rows[0].reason


def test_a_cell_without_end_costs_one_row(write: Write) -> None:
    many = "".join(f"p{number}@a.example,P\n" for number in range(20_000))
    rows = contacts(write(f'email,first_name\na@a.example,"Anna\n{many}'))
    assert [type(row) for row in rows[:2]] == [Reject, ContactRow]
    assert len(rows) == 20_001


def test_too_many_cells_are_a_reject_and_too_few_are_not(write: Write) -> None:
    rows = contacts(write("email,first_name,last_name\na@a.example,Smith, Anna,x\nb@b.example\nc@c.example,C,D,,\n"))
    assert [type(row) for row in rows] == [Reject, ContactRow, ContactRow]
    assert "4 cells under 3 columns" in reason(rows[:1])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "no header row"),
        (b"\n\n  \n", "no header row"),
        (b"email\na@b.example\0\n", "not a text file"),
        ("email\na@b.example".encode("utf-16-le"), "not a text file"),
        (b"email\nJos\xe9\x81@b.example\n", "not UTF-8 and not CP1252 text; save it as CSV UTF-8"),
        (b'"email\na@b.example\n', "the header row cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(write: Write, content: bytes, says: str) -> None:
    path = write(content)
    with pytest.raises(CrmFileError, match=says) as caught:
        contacts(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_say_why(tmp_path: Path) -> None:
    with pytest.raises(CrmFileError, match="cannot be read"):
        open_companies(tmp_path / "none.csv")
    with pytest.raises(CrmFileError, match="cannot be read"):
        open_companies(tmp_path)


def test_a_missing_column_is_named_with_the_ones_found(write: Write) -> None:
    with pytest.raises(MissingColumn) as caught:
        open_contacts(write("First Name,Phone\nA,1\n"), zone=UTC)
    assert caught.value.column == "email"
    assert 'the required column "email" is missing; the columns found are: First Name, Phone' in str(caught.value)


def test_events_without_ids_are_told_apart_by_what_happened(write: Write) -> None:
    rows = ("c,2026-11-02T10:00Z,call,A", "c,2026-11-02T11:00+01:00,call,A", "c,2026-11-02T10:00Z,call,B")
    text = "\n".join(["contact_id,at,kind,subject", *rows])
    ids = [row.source_id for row in open_events(write(text), zone=UTC).rows() if isinstance(row, EventRow)]
    assert ids[0] == ids[1] != ids[2]


def test_a_long_file_is_never_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    with path.open("w") as file:
        file.write("id,name\n")
        file.writelines(f"{number},A company with a name of some length {number}\n" for number in range(200_000))
    table = open_companies(path)
    assert table.lines == 200_001
    rows = table.rows()
    tracemalloc.start()
    try:  # tracing is slow, and the first tenth would show both a file read whole and rows that pile up
        count = sum(isinstance(row, CompanyRow) for row in itertools.islice(rows, 20_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000 < path.stat().st_size
    assert count + sum(isinstance(row, CompanyRow) for row in rows) == 200_000


EMAIL = {"to_email": "A@b.example", "subject": "Hello", "body": "Dear A,\n\nBye", "sent_at": "2026-11-02T10:00:00Z"}


def as_csv(*rows: dict[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def emails(path: Path) -> list[EmailRow | Reject]:
    return list(open_emails(path, zone=BERLIN).rows())


def test_emails_from_csv_and_jsonl_are_the_same(write: Write) -> None:
    from_csv = emails(write(as_csv({**EMAIL, "opened": "yes", "replied": "", "goal": "say hello"})))
    text = (
        '{"To": "A@b.example", "Subject": "Hello", "body": "Dear A,\\n\\nBye", "sent_at": "2026-11-02T10:00:00Z", '
        '"opened": true, "replied": null, "goal": "say hello", "mood": "fine"}\n'
    )
    table = open_emails(write(text, "emails.jsonl"), zone=BERLIN)
    [one], [other] = from_csv, list(table.rows())
    assert isinstance(one, EmailRow)
    assert isinstance(other, EmailRow)
    assert table.unknown == ("mood",)
    assert (one.to_email, one.opened, one.replied, one.body) == ("a@b.example", True, None, "Dear A,\n\nBye")
    assert (other.line, one.line) == (1, 2)
    assert one.source_id == other.source_id
    assert one.goal == other.goal == "say hello"


def test_an_email_needs_a_subject_or_a_goal(write: Write) -> None:
    rows = emails(write(as_csv({**EMAIL, "subject": "", "goal": ""}, {**EMAIL, "subject": "", "goal": "x"})))
    assert 'columns "subject" and "goal" are both empty' in reason(rows[:1])
    assert isinstance(rows[1], EmailRow)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{broken", "is not a JSON object"),
        ("[1, 2]", "is not a JSON object"),
        ("[" * 50_000, "is not a JSON object"),
        ('{"to_email": "a@b.example"}', 'column "body" is empty'),
        ('{"to_email": ["a@b.example"]}', 'column "to_email" holds a list'),
        ('{"to_email": "a@b.example", "opened": 7}', 'column "opened": "7" is neither yes nor no'),
    ],
)
def test_a_bad_line_of_jsonl_does_not_stop_the_others(write: Write, line: str, says: str) -> None:
    good = '{"to_email": "a@b.example", "subject": "S \\ud800", "body": "B", "sent_at": "2026-11-02"}'
    first, bad, last = emails(write(f"{good}\n{line}\n\n{good}\n", "emails.jsonl"))
    assert isinstance(first, EmailRow)
    assert isinstance(last, EmailRow)
    assert (first.subject, last.line) == ("S", 4)
    assert says in reason([bad])


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def test_emails_from_a_mailbox(tmp_path: Path) -> None:
    path = tmp_path / "sent.mbox"
    box = mailbox.mbox(path)
    both = mail(
        To='"Å, Å" <A@b.example>, c@d.example',
        From="Ingrid <i@m.example>",
        Subject="Grüße",
        Date="Mon, 02 Nov 2026 11:00:00 +0100",
        Message_ID="<id-1@m.example>",
    )
    both.set_content("Hi,\n\nFrom today on we meet on Mondays. Café.\n")
    both.add_alternative("<p>Hi</p>", subtype="html")
    only_html = mail(To="a@b.example", Subject="S", Date="Mon, 02 Nov 2026 11:00:00 +0100")
    only_html.set_content("<p>Hi</p>", subtype="html")
    undated = mail(To="a@b.example", Subject="S")
    undated.set_content("Hi")
    for message in (both, only_html, undated, both):
        box.add(message)
    box.close()
    rows = emails(path)
    first = rows[0]
    assert isinstance(first, EmailRow)
    assert (first.source_id, first.to_email, first.from_email) == ("id-1@m.example", "a@b.example", "i@m.example")
    assert (first.line, first.subject, first.sent_at.hour) == (1, "Grüße", 10)
    assert first.body == "Hi,\n\nFrom today on we meet on Mondays. Café."
    assert isinstance(rows[1], EmailRow)
    assert rows[1].body == "Hi"
    assert 'header "Date" is missing' in reason(rows[2:3])
    assert isinstance(rows[3], EmailRow)
    lines = path.read_text(errors="replace").splitlines()
    assert lines[rows[3].line - 1].startswith("From ")


@pytest.mark.parametrize(
    ("name", "says"), [("a.mbox", "not an mbox file"), ("a.xlsx", "read from .csv, .jsonl or .mbox")]
)
def test_other_files_are_no_emails(write: Write, name: str, says: str) -> None:
    with pytest.raises(CrmFileError, match=says):
        open_emails(write("hello\n", name), zone=UTC)


def test_rejects_are_written_whole_and_cannot_run_in_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "out" / "rejects.csv"
    with writing_rejects(path) as rejects:
        rejects.add(tmp_path / "contacts.csv", Reject(3, "bad", "=HYPERLINK(1)"))
        rejects.add(tmp_path / "contacts.csv", Reject(9, "+bad", 'a,"b\nc"'))
        assert not path.exists()
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["file", "line", "reason", "raw"],
            ["contacts.csv", "3", "bad", "'=HYPERLINK(1)"],
            ["contacts.csv", "9", "'+bad", 'a,"b\nc"'],
        ]
    assert rejects.count == 2
    assert list(path.parent.iterdir()) == [path]


def test_without_a_reject_there_is_no_file(tmp_path: Path) -> None:
    with writing_rejects(tmp_path / "rejects.csv"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_import_that_fails_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing_rejects(tmp_path / "rejects.csv") as rejects:
        rejects.add(tmp_path / "a.csv", Reject(1, "bad", ""))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_same_rows_in_every_encoding(write: Write, encoding: str) -> None:
    path = write("email;first_name\r\nz@a.example;Zoë – Ørsted\r\n".encode(encoding))
    [row] = contacts(path)
    assert isinstance(row, ContactRow)
    assert row.first_name == "Zoë – Ørsted"
    told = open_contacts(path, zone=UTC).encoding
    assert told == {"utf-8-sig": "utf-8"}.get(encoding, encoding)


NOBODY_SAID = Mapped()


def dates(write: Write, *written: str, mapped: Mapped = NOBODY_SAID) -> list[date | str]:
    text = "id;name;close_date\n" + "".join(f"{n};Deal;{text}\n" for n, text in enumerate(written))
    rows = open_deals(write(text), mapped=mapped).rows()
    return [row.reason if isinstance(row, Reject) else row.close_date or "" for row in rows]


def test_a_date_that_could_be_two_is_never_guessed(write: Write) -> None:
    reason = (
        'column "close_date": "03/04/2026" could be 2026-03-04 or 2026-04-03, and its column does not say which; write '
        "it one of these ways, or put `dates: day first` or `dates: month first` into a mapping file"
    )
    assert dates(write, "03/04/2026", "05/05/2026", "2026-04-03") == [reason, date(2026, 5, 5), date(2026, 4, 3)]


def test_the_other_values_of_a_column_say_which_comes_first(write: Write) -> None:
    assert dates(write, "03/04/2026", "31/12/2026") == [date(2026, 4, 3), date(2026, 12, 31)]
    assert dates(write, "3/4/2026", "12/31/2026") == [date(2026, 3, 4), date(2026, 12, 31)]
    both = dates(write, "03/04/2026", "31/12/2026", "12/31/2026")
    assert "could be 2026-03-04 or 2026-04-03" in str(both[0])
    assert both[1:] == [date(2026, 12, 31)] * 2
    table = open_deals(write("id,name,close_date\n1,A,3/4/2026\n2,A,30/4/2026\n"))
    assert table.read_as == (("close_date", "day first"),)


def test_a_person_may_say_which_comes_first(write: Write) -> None:
    assert dates(write, "03/04/2026", mapped=Mapped(date_order="day")) == [date(2026, 4, 3)]
    assert dates(write, "03/04/2026", mapped=Mapped(date_order="month")) == [date(2026, 3, 4)]


@pytest.mark.parametrize(
    "written",
    [
        "3.4.2026",
        "03.04.2026",
        "2026/04/03",
        "3 April 2026",
        "3. Apr. 2026",
        "Apr 3, 2026",
        "3 avril 2026",
        "03-Apr-2026",
    ],
)
def test_dates_as_countries_write_them(write: Write, written: str) -> None:
    assert dates(write, written) == [date(2026, 4, 3)]


@pytest.mark.parametrize("written", ["31.4.2026", "3.4.26", "3 Foo 2026", "2026/13/01", "tomorrow", "1/1"])
def test_what_is_no_date_is_refused(write: Write, written: str) -> None:
    assert "is not a date; write it as 2026-11-20" in str(dates(write, written)[0])


@pytest.mark.parametrize(
    ("written", "hour"), [("20.11.2026 14:30", 14), ("20.11.2026, 2:30 PM", 14), ("11/20/2026 12:30 AM", 0)]
)
def test_times_as_countries_write_them(write: Write, written: str, hour: int) -> None:
    [row] = open_events(write(f'contact_id,at,kind\nc,"{written}",call\n'), zone=UTC).rows()
    assert isinstance(row, EventRow)
    assert row.at == datetime(2026, 11, 20, hour, 30, tzinfo=UTC)


def test_an_amount_is_read_as_its_column_writes_amounts(write: Write) -> None:
    rows = list(open_deals(write('id;name;amount\n1;A;12.500\n2;A;"1.250,50"\n')).rows())
    assert [row.amount for row in rows if not isinstance(row, Reject)] == [Decimal(12500), Decimal("1250.50")]
    rows = list(open_deals(write('id;name;amount\n1;A;12,500\n2;A;"1.250,50"\n')).rows())
    assert "is not an amount" in reason(rows[:1])


def test_the_currency_beside_an_amount_is_kept_and_held_against_the_column(write: Write) -> None:
    one, other = open_deals(write("id,name,amount,currency\n1,A,EUR 100,\n2,A,€100,USD\n")).rows()
    assert not isinstance(one, Reject)
    assert one.currency == "EUR"
    assert "the amount is in EUR and its currency is USD" in reason([other])


def test_a_block_in_any_column_is_a_block_and_no_column_about_consent_is_passed_over(write: Write) -> None:
    header = "email,Unsubscribed,Opted out of email: News,Do not contact,Hard bounce reason,GDPR consent,Double opt-in"
    path = write(f"{header}\na@a.example,no,true,,,given,\nb@b.example,,No,x,Mailbox full,,yes\nc@c.example,,,,0,,\n")
    table = open_contacts(path, zone=UTC)
    one, two, three = table.rows()
    assert table.unknown == table.repeated == ()
    assert isinstance(one, ContactRow) and isinstance(two, ContactRow) and isinstance(three, ContactRow)
    assert (one.email_opt_out, one.do_not_contact, one.bounced) == (True, False, False)
    assert (two.email_opt_out, two.do_not_contact, two.bounced) == (False, True, True)
    assert (one.consent_basis, two.consent_basis) == ("GDPR consent: given", "Double opt-in: yes")
    assert not (three.email_opt_out or three.do_not_contact or three.bounced)


def test_a_person_may_say_which_column_is_which(write: Write) -> None:
    path = write("Reach,Email,Called\na@a.example,b@b.example,Zoë\n")
    table = open_contacts(path, zone=UTC, mapped=Mapped({"email": "reach", "first_name": "Called"}))
    [row] = table.rows()
    assert isinstance(row, ContactRow)
    assert (row.email, row.first_name) == ("a@a.example", "Zoë")
    assert (table.mapping, table.repeated) == ((("Reach", "email"), ("Called", "first_name")), ("Email",))
    with pytest.raises(CrmFileError, match='names "mail", which contacts do not have; known: email'):
        open_contacts(path, zone=UTC, mapped=Mapped({"mail": "Reach"}))
    with pytest.raises(CrmFileError, match='the column "Reached", which is not there; found: Reach, Email, Called'):
        open_contacts(path, zone=UTC, mapped=Mapped({"email": "Reached"}))


def test_a_blank_line_and_excels_own_first_line_are_no_rows(write: Write) -> None:
    [row] = contacts(write("sep=;\nemail;first_name\n;\na@a.example;Z, Z\n"))
    assert isinstance(row, ContactRow)
    assert (row.line, row.first_name) == (4, "Z, Z")
