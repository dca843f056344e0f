"""CRM exports come in streamed and idempotent; a bad row is kept aside with its reason."""

import csv
import json
import mailbox
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import sample_company
from bot.importing import Importer
from model.brief import Brief
from storage import queries
from storage.crm.csv_text import CrmFileError
from storage.database import Database
from storage.tables import Contact, Event, Verdict

pytestmark = pytest.mark.both_databases

THINGS = ["heat", "oil", "ice", "fog"]
MAYA = "Maya Lindqvist <maya@us.example>"


@contextmanager
def no_bar(title: str, total: int):
    yield lambda position: None


@pytest.fixture
def importer(fresh: Database) -> Importer:
    return Importer(fresh, 1, ZoneInfo("Europe/Berlin"), "csv", no_bar)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


CONTACTS = """id,email,first_name,last_name,company_id,owner,do_not_contact
1,dana@northwind.example,Dana,Whitfield,c1,Maya Lindqvist,false
2,not-an-address,Broken,Row,c1,,
3,ZOE@northwind.example,Zoë,Ørsted,,,true
"""
EVENTS = """id,contact_id,at,kind,subject
e1,1,2026-11-19T14:00:00Z,page_view,Pricing
e2,9,2026-11-19T14:00:00Z,page_view,Pricing
e3,1,2026-11-20 10:00,email_received,Question
"""


def run(importer: Importer, folder: Path, contacts: str = CONTACTS, events: str | None = EVENTS):
    return importer.crm(
        contacts=write(folder / "contacts.csv", contacts),
        companies=write(folder / "companies.csv", "id,name,industry\nc1,Northwind Foods,Food\n"),
        deals=None,
        events=write(folder / "events.csv", events) if events else None,
        rejects=folder / "rejects.csv",
    )


def test_good_rows_arrive_and_bad_ones_are_kept_with_line_and_reason(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    summary = run(importer, tmp_path)
    assert [(f.imported, f.rejected) for f in summary.files] == [(1, 0), (2, 1), (2, 1)]
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["line"]) for row in rows] == [("contacts.csv", "3"), ("events.csv", "3")]
    assert "not-an-address" in rows[0]["reason"]
    with fresh.reading() as session:
        zoe = queries.contacts_named(session, workspace_id=1, name="zoe orsted")[0]
        dana = queries.contact_by_email(session, workspace_id=1, email="dana@northwind.example")
        assert zoe.email == "zoe@northwind.example"
        assert dana and dana.company_id
        events = session.exec(select(Event).where(Event.workspace_id == 1).order_by(Event.at)).all()
    assert events[1].at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a naive time is the workspace's


def test_an_import_is_on_record_with_its_figures(importer: Importer, database: Database, tmp_path: Path) -> None:
    run(importer, tmp_path)
    with database.reading() as session:
        noted = queries.latest_audit(session, workspace_id=1, action="import crm")
    assert noted and noted.detail == {"imported": 5, "rejected": 2}


def test_importing_again_changes_nothing_and_doubles_nothing(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    run(importer, tmp_path)
    with fresh.reading() as session:
        before = queries.crm_counts(session, workspace_id=1)
    run(importer, tmp_path)
    with fresh.reading() as session:
        assert queries.crm_counts(session, workspace_id=1) == before


def test_a_later_file_updates_what_it_names_and_never_lifts_a_block(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    run(importer, tmp_path)
    run(importer, tmp_path, "id,email,first_name\n3,zoe@northwind.example,Zoey\n", None)
    with fresh.reading() as session:
        zoe = session.exec(select(Contact).where(Contact.workspace_id == 1, Contact.source_id == "3")).one()
    assert (zoe.first_name, zoe.last_name, zoe.do_not_contact) == ("Zoey", "Ørsted", True)
    assert zoe.search_name == "zoey orsted"


def test_a_wrong_file_stops_before_the_first_row_is_written(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    with pytest.raises(CrmFileError, match="email"):
        run(importer, tmp_path, "id,first_name\n1,Dana\n")
    with fresh.reading() as session:
        assert queries.crm_counts(session, workspace_id=1)["companies"] == 0


EMAILS = """to_email,subject,body,sent_at,opened,replied,from_email,goal
dana@northwind.example,After the demo,"Morning Dana, the
notes are on your desk.",2026-11-20T09:30Z,yes,yes,m@us.example,recap
nobody@elsewhere.example,Hello,"Hi, it was good to meet you at the fair.",2026-11-20T08:00Z,no,no,m@us.example,
"""


def test_past_emails_become_pairs_with_the_record_as_it_stood(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    run(importer, tmp_path)
    importer.emails(write(tmp_path / "emails.csv", EMAILS), rejects=tmp_path / "r.csv")
    importer.emails(write(tmp_path / "emails.csv", EMAILS), rejects=tmp_path / "r.csv")
    with fresh.reading() as session:
        known, thin = queries.pairs(session, workspace_id=1, limit=9)
    brief = Brief.model_validate(known.brief)
    assert known.verdict == Verdict.imported
    assert known.final == "Subject: After the demo\n\nMorning Dana, the\nnotes are on your desk."
    assert known.reviewer == "m@us.example"
    assert [event.subject for event in brief.events] == ["Question", "Pricing"]
    assert brief.sender.first_name == "Maya"
    assert brief.goal == "recap"
    assert Brief.model_validate(thin.brief).goal == "Hello"  # without a goal the subject stands for it
    assert thin.contact_id is None


def test_the_sample_company_comes_in_whole_and_recent(fresh: Database, tmp_path: Path) -> None:
    now = datetime(2027, 3, 10, 12, tzinfo=UTC)
    summaries = sample_company.seed(
        fresh, home=tmp_path / "home", workspace_id=1, zone=ZoneInfo("UTC"), now=now, bar=no_bar
    )
    assert not any(file.rejected for summary in summaries for file in summary.files)
    with fresh.reading() as session:
        counts = queries.crm_counts(session, workspace_id=1)
        newest = max(session.exec(select(Event.at).where(Event.workspace_id == 1)).all())
        pairs = queries.pair_counts(session, workspace_id=1)
    assert counts["contacts"] >= 60 and counts["companies"] >= 15 and counts["events"] >= 600
    assert pairs["imported"] == 90
    assert not any(file.said() for summary in summaries for file in summary.files)  # house templates are a voice
    assert 0 <= (now - newest).days < 7
    assert (tmp_path / "home" / "voice.yml").exists()


def mail(name: str, subject: str, body: str, html: str | None = None, **headers: str) -> EmailMessage:
    message = EmailMessage()
    given = {"To": f"{name}@northwind.example", "From": MAYA, "Date": "Mon, 02 Nov 2026 11:00:00 +0100"}
    for header, value in {**given, "Message-ID": f"<{name}-{subject[:9]}@us>".replace(" ", "-"), **headers}.items():
        message[header.replace("_", "-")] = value
    message["Subject"] = subject
    message.set_content(html or body, subtype="html" if html else "plain")
    return message


def mbox(path: Path, *mails: EmailMessage) -> Path:
    box = mailbox.mbox(path)
    for message in mails:
        box.add(message)
    box.close()
    return path


BULK = (
    "Hi {name},\n\nour open day is on 3 December. We show the new hall, the two machines and how a fault becomes a job "
    "before anybody picks up a phone. Seat {number} is yours if you want it.\n\nCheers,\nMaya"
)
QUOTED = """Hi Zoë,

Friday at ten suits me as well. I will bring the drawings.

Best,
Maya
Account Executive
+49 40 1234567

On Mon, Nov 2, 2026 at 9:14 AM Zoë Ørsted <zoe@northwind.example> wrote:

> Friday?
"""
FORWARDED = """---------- Forwarded message ---------
From: Dana Whitfield <dana@northwind.example>
Date: Mon, Nov 2, 2026 at 9:14 AM
Subject: Plan
To: Maya Lindqvist <maya@us.example>

What would the plan cost for twelve people?
"""
HTML = (
    "<div>Hi Dana,<br><br>The quote is attached, and page two has both prices.<br><br>Best,<br>Maya</div>"
    "<div class='gmail_quote'>On Mon, Nov 2, 2026 at 9:14 AM Dana wrote:<blockquote>Quote?</blockquote></div>"
)


def texts(fresh: Database) -> list[str]:
    with fresh.reading() as session:
        pairs = sorted(queries.pairs(session, workspace_id=1, limit=99), key=lambda pair: pair.id or 0)
    return [pair.final for pair in pairs if pair.final]


def reasons(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig") as file:
        return [row["reason"] for row in csv.DictReader(file)]


def test_a_real_mailbox_gives_the_senders_own_words_and_a_reason_for_the_rest(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    run(importer, tmp_path)
    invite = mail("dana", "Demo", "Please join us on Thursday at ten for the demo.")
    invite.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", disposition="inline")
    names = ["dana", "zoe", "tom", "luca"]
    path = mbox(
        tmp_path / "sent.mbox",
        mail("zoe", "Re: Friday", QUOTED),
        mail("dana", "Your quote", "", HTML),
        mail("tom", "Fwd: Plan", FORWARDED),
        mail("tom", "Automatic reply: Plan", "I am away until Monday and will answer you after that, thank you."),
        mail("tom", "Away", "I am away until Monday and will answer you then.", **{"Auto-Submitted": "auto-replied"}),
        invite,
        mail("tom", "Short", "Fine by me, thanks!"),
        mail("tom", "Long", "We also looked at the next hall. " * 40),
        *(mail(name, f"Seat {n} for {name}", BULK.format(name=name.title(), number=n)) for n, name in enumerate(names)),
    )
    summary = importer.emails(path, rejects=tmp_path / "r.csv")
    first, second, *bulk = texts(fresh)
    assert first == (
        "Subject: Re: Friday\n\nHi Zoë,\n\nFriday at ten suits me as well. I will bring the drawings.\n\nBest,\nMaya"
    )
    assert second == (
        "Subject: Your quote\n\nHi Dana,\n\nThe quote is attached, and page two has both prices.\n\nBest,\nMaya"
    )
    assert len(bulk) == 2
    [file] = summary.files
    assert (file.imported, file.rejected, file.nearly_the_same) == (4, 8, 2)
    assert file.said() == "removed quoted text from 2, signatures from 1; 2 left out as nearly the same as others"
    expected = ["automatic reply", "calendar", "only quoted or forwarded", "automatic message", "4 words", "280 words"]
    found = reasons(tmp_path / "r.csv")
    assert all(any(part in reason for reason in found) for part in expected), found
    assert sum("nearly the same" in reason for reason in found) == 2
    importer.emails(path, rejects=tmp_path / "r.csv")
    assert texts(fresh) == [first, second, *bulk]


def test_lines_that_end_most_emails_of_a_sender_are_no_voice(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    slogan = "We make halls warm for people who work in them, for a hundred years.\nAsk us anything about it."
    bodies = [
        f"Hi,\n\nHere is what I found out about {thing}.\n\nBest,\nMaya" for thing in ["heat", "oil", "ice", "fog"]
    ]
    own = "Hi,\n\nNo news about the pumps, I am afraid.\n\nBest,\nMaya"
    rows = [
        {
            "to_email": f"a{n}@b.example",
            "from_email": "maya@us.example",
            "subject": f"Thing {n}",
            "body": body,
            "sent_at": "2026-11-02",
        }
        for n, body in enumerate([*(f"{body}\n\n{slogan}" for body in bodies), own])
    ]
    path = write(tmp_path / "emails.jsonl", "\n".join(map(json.dumps, rows)))
    summary = importer.emails(path, rejects=tmp_path / "r.csv")
    assert [text.split("\n\n", 1)[1] for text in texts(fresh)] == [*bodies, own]
    assert summary.files[0].removed_from == {"signatures": 4}


def test_a_constant_sign_off_is_kept_however_often_it_stands(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    topics = ["the hall", "oil for the two pumps", "your question of last week", "ice", "the fog on Monday", "paint"]
    endings = ["Talk soon,\nMaya", "Maya", "Yours from the harbour,\nMaya"]
    for number, ending in enumerate(endings):
        lines = ["to_email,from_email,subject,body,sent_at"]
        for n, topic in enumerate(topics):
            body = f"Hi Dana,\n\nI asked around about {topic}. There is an answer.\n\n{ending}"
            lines.append(f'{number}{n}@b.example,m{number}@us.example,About {topic},"{body}",2026-11-02')
        importer.emails(write(tmp_path / "emails.csv", "\n".join(lines)), rejects=tmp_path / "r.csv")
    found = texts(fresh)
    assert len(found) == 18
    assert all(found[6 * n + i].endswith(f"\n\n{ending}") for n, ending in enumerate(endings) for i in range(6))


def test_people_are_found_by_the_name_that_their_company_has_now(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    def found(typed: str) -> list[str | None]:
        with fresh.reading() as session:
            people = queries.search_contacts(session, workspace_id=1, text=typed, limit=20)
        return [row.first_name for row in people]

    run(importer, tmp_path)
    assert found("dana northwind") == ["Dana"]
    importer.crm(
        contacts=write(tmp_path / "contacts.csv", "id,email,first_name\n3,zoe@northwind.example,Zoey\n"),
        companies=write(tmp_path / "companies.csv", "id,name\nc1,Südwind\n"),
        deals=None,
        events=None,
        rejects=tmp_path / "r.csv",
    )
    assert found("dana sudw") == ["Dana"]
    assert found("zoey orst") == ["Zoey"]  # the file gave her first name alone


def test_a_company_that_only_stands_beside_its_people_becomes_one(
    importer: Importer, fresh: Database, tmp_path: Path
) -> None:
    text = "id,email,company\n1,a@a.example,Northwind Foods\n2,b@a.example,Northwind  FOODS\n3,c@c.example,\n"
    for _ in range(2):
        run(importer, tmp_path, text, None)
    with fresh.reading() as session:
        people = session.exec(select(Contact).where(Contact.workspace_id == 1).order_by(Contact.source_id)).all()
        company = queries.company(session, workspace_id=1, company_id=people[0].company_id or 0)
        assert queries.crm_counts(session, workspace_id=1)["companies"] == 2  # the other is the file's own
    assert company and company.name.lower() == "northwind foods"
    assert [row.company_id for row in people] == [company.id, company.id, None]
