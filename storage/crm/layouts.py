"""Which columns each import file may have, what they are also called, and how a row becomes a record."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Any, Generic

from storage.crm import cells
from storage.crm.records import CompanyRow, ContactRow, DealRow, EmailRow, EventRow, Row

Parse = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    parse: Parse
    also: tuple[str, ...] = ()  # other names, folded as `folded` does
    required: bool = False  # the column must be there
    filled: bool = False  # and no cell of it may be empty


@dataclass(frozen=True, slots=True)
class Layout(Generic[Row]):
    record: Callable[..., Row]
    columns: tuple[Column, ...]
    key: Callable[[Mapping[str, Any]], str]  # the source id of a row that has none

    def column(self, header: str) -> Column | None:
        name = folded(header)
        return next((each for each in self.columns if name in (folded(each.field), *each.also)), None)

    def row(self, line: int, values: dict[str, Any]) -> Row:
        """Build the record; a missing or unusable whole raises ValueError."""
        for column in self.columns:
            if column.filled and values.get(column.field) is None:
                raise ValueError(f'column "{column.field}" is empty; fill it in')
        given = {field: value for field, value in values.items() if value is not None}
        given.setdefault("source_id", self.key(given))
        return self.record(line=line, **given)


def folded(header: str) -> str:
    """A header as compared: letters and digits only, lower case."""
    return "".join(letter for letter in header.casefold() if letter.isalnum())


def digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def must(field: str, parse: Parse, *also: str) -> Column:
    return Column(field, parse, also, required=True, filled=True)


def may(field: str, parse: Parse, *also: str) -> Column:
    return Column(field, parse, also)


def companies() -> Layout[CompanyRow]:
    return Layout(
        CompanyRow,
        (
            must("source_id", cells.identifier, "id", "recordid", "companyid", "accountid"),
            must("name", cells.line, "companyname", "accountname", "company"),
            may("domain", cells.domain, "companydomainname", "website", "websiteurl"),
            may("industry", cells.line),
            may("size", cells.line, "numberofemployees", "employees"),
            may("country", cells.line, "countryregion", "billingcountry"),
        ),
        key=lambda values: values["name"],
    )


def contacts(zone: tzinfo) -> Layout[ContactRow]:
    return Layout(
        ContactRow,
        (
            must("email", cells.email, "emailaddress", "mail"),
            may("source_id", cells.identifier, "id", "recordid", "contactid"),
            may("first_name", cells.line, "givenname", "forename"),
            may("last_name", cells.line, "surname", "familyname"),
            may("title", cells.line, "jobtitle", "role"),
            may("phone", cells.line, "phonenumber", "telephone", "mobile"),
            may("company_id", cells.identifier, "associatedcompanyids", "associatedcompanyid", "accountid"),
            may("owner", cells.line, "contactowner", "ownername"),
            may("lifecycle", cells.line, "lifecyclestage"),
            may("locale", cells.line, "language", "preferredlanguage"),
            may("timezone", cells.time_zone),
            may("consent_basis", cells.line, "legalbasis", "legalbasisforprocessing"),
            may("do_not_contact", cells.boolean, "donotemail", "isdonotemail"),
            may("email_opt_out", cells.boolean, "optout", "optedout", "hasoptedoutofemail", "unsubscribed"),
            may("bounced", cells.boolean, "emailbounced", "isemailbounced", "hardbounced"),
            may("consent_updated_at", partial(cells.moment, zone=zone)),
        ),
        key=lambda values: values["email"],
    )


def deals() -> Layout[DealRow]:
    return Layout(
        DealRow,
        (
            must("source_id", cells.identifier, "id", "recordid", "dealid", "opportunityid"),
            must("name", cells.line, "dealname", "opportunityname"),
            may("stage", cells.line, "dealstage", "stagename"),
            may("pipeline", cells.line),
            may("amount", cells.amount, "value", "dealvalue"),
            may("currency", cells.currency, "currencyisocode", "dealcurrencycode"),
            may("close_date", cells.day, "expectedclosedate"),
            may("is_open", cells.boolean, "open"),
            may("contact_id", cells.identifier, "associatedcontactids", "associatedcontactid"),
            may("company_id", cells.identifier, "associatedcompanyids", "associatedcompanyid", "accountid"),
            may("owner", cells.line, "dealowner", "ownername"),
        ),
        key=lambda values: values["name"],
    )


def events(zone: tzinfo) -> Layout[EventRow]:
    return Layout(
        EventRow,
        (
            must("contact_id", cells.identifier, "associatedcontactids", "associatedcontactid", "whoid"),
            must("at", partial(cells.moment, zone=zone), "time", "date", "timestamp", "occurredat"),
            must("kind", cells.kind, "type", "eventtype", "activitytype"),
            may("source_id", cells.identifier, "id", "recordid", "eventid", "activityid"),
            may("deal_id", cells.identifier, "associateddealids", "associateddealid", "whatid"),
            may("direction", cells.direction),
            may("subject", cells.line, "title"),
            may("body", cells.prose, "text", "notes", "description", "content"),
            may("url", cells.link, "link", "pageurl"),
            may("count", cells.count, "times"),
        ),
        key=lambda values: digest(
            *(values.get(field, "") for field in ("contact_id", "at", "kind", "subject", "body", "url"))
        ),
    )


def emails(zone: tzinfo) -> Layout[EmailRow]:
    return Layout(
        _email,
        (
            must("to_email", cells.email, "to", "recipient", "emailaddress", "email"),
            Column("subject", cells.line, ("subjectline",), required=True),
            must("body", cells.prose, "text", "content", "message"),
            must("sent_at", partial(cells.moment, zone=zone), "sent", "date", "sentdate", "timestamp"),
            may("source_id", cells.identifier, "id", "messageid"),
            may("opened", cells.boolean, "open"),
            may("replied", cells.boolean, "reply"),
            may("from_email", cells.email, "from", "sender"),
            may("goal", cells.line, "purpose"),
            may("playbook", cells.line),
        ),
        key=lambda values: digest(values["to_email"], values["sent_at"], values.get("subject", "")),
    )


def _email(*, subject: str = "", goal: str | None = None, **values: Any) -> EmailRow:
    if not subject and goal is None:
        raise ValueError('columns "subject" and "goal" are both empty; fill in one of them')
    return EmailRow(subject=subject, goal=goal, **values)
