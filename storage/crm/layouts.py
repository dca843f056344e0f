"""Which columns each import file may have, and how a row becomes a record.

The other names are those of HubSpot, Salesforce, Pipedrive and Mailchimp in English, German and French, as far as they
are known; what a tool calls otherwise goes into a mapping file.
"""

from datetime import tzinfo
from functools import partial
from typing import Any

from storage.crm import cells
from storage.crm.columns import Column, Layout, dated, digest, may, must, names
from storage.crm.local import Money, decimal_mark, money
from storage.crm.records import CompanyRow, ContactRow, DealRow, EmailRow, EventRow


def companies() -> Layout[CompanyRow]:
    return Layout(
        "companies",
        CompanyRow,
        (
            must("source_id", cells.identifier, *IDS, "companyid", "accountid", "organizationid", "iddecompte"),
            must("name", cells.line, "companyname", "accountname", "company", "unternehmensname", "firma", *COMPANY),
            may("domain", cells.domain, "companydomainname", "website", "websiteurl", "webseite", "siteweb"),
            may("industry", cells.line, "branche", "secteur", "secteurdactivite"),
            may("size", cells.line, "numberofemployees", "employees", "mitarbeiterzahl", "effectif", "nombredemployes"),
            may("country", cells.line, "countryregion", "billingcountry", "land", "pays"),
        ),
        key=lambda values: str(values["name"]),
        prefixes=("organization", "organisation"),
    )


IDS = (
    "id",
    "recordid",
    "datensatzid",
    "iddenregistrement",
    "pipedrivesystemid",
    "systemidvonpipedrive",
    "idsystemepipedrive",
)
COMPANY = ("associatedcompany", "organization", "organisation", "organizationname", "organisationname", "unternehmen")


def contacts(zone: tzinfo) -> Layout[ContactRow]:
    consent = ("legalbasis", "legalbasisforprocessing", "legalbasisforprocessingcontactsdata")
    left_all = ("unsubscribedfromallemail", "vonallenemailsabgemeldet", "desinscritdetouslesemails")
    return Layout(
        "contacts",
        _contact,
        (
            Column("email", cells.email, names(EMAIL), required=True),
            may("other_email", cells.email, "emailhome", "emailother", "emailprivat", "emailsonstige", "emailautre"),
            may("source_id", cells.identifier, *IDS, "contactid", "kontaktid", "iddecontact", "personid", "euid"),
            may("first_name", cells.line, "givenname", "forename", "vorname", "prenom"),
            may("last_name", cells.line, "surname", "familyname", "nachname", "nomdefamille", "nom"),
            Column("full_name", cells.line, ("name", "contactname", "nomcomplet"), gives=("first_name", "last_name")),
            may("title", cells.line, *names("jobtitle role position jobbezeichnung titel fonction intituleduposte")),
            may("phone", cells.line, *names("phonenumber telephone mobile phonework telefon telefonnummer"), *PHONE),
            may("company_id", cells.first_id, *COMPANY_IDS),
            Column(
                "company", cells.line, ("companyname", "accountname", "firma", *COMPANY, *FIRM), gives=("company_id",)
            ),
            may("owner", cells.line, "contactowner", "ownername", *OWNERS),
            may("lifecycle", cells.line, "lifecyclestage", "lifecyclephase", "phaseducycledevie"),
            may("locale", cells.line, "language", "preferredlanguage", "sprache", "langue"),
            may("timezone", cells.time_zone, "zeitzone", "fuseauhoraire"),
            may("consent_basis", cells.line, *consent),
            may("do_not_contact", cells.boolean, "donotemail", "isdonotemail"),
            may(
                "email_opt_out",
                cells.boolean,
                *names("optout optedout hasoptedoutofemail unsubscribed"),
                *LEFT,
                *left_all,
            ),
            may("bounced", cells.boolean, "emailbounced", "isemailbounced", "hardbounced"),
            may("bounced", cells.happened, "cleantime", "cleancampaigntitle", "cleancampaignid"),
            Column("standing", cells.line, STANDING, gives=("email_opt_out", "bounced", "consent_basis")),
            dated("consent_updated_at", partial(cells.moment, zone=zone), "confirmtime"),
        ),
        key=lambda values: str(values.get("email") or values.get("other_email")),
        prefixes=("person", "people", "personne", "contact"),
    )


EMAIL = "emailaddress mail emailwork emailadresse emailarbeit adresseemail emailtravail adresseelectronique"
PHONE = ("numerodetelephone", "telefonarbeit", "telephonetravail")
COMPANY_IDS = (
    *("associatedcompanyids", "associatedcompanyid", "primaryassociatedcompanyid", "accountid", "organizationid"),
    *("zugehorigeunternehmensids", "idsdesentreprisesassociees", "iddecompte"),
)
FIRM = ("societe", "entreprise", "nomdelentreprise", "nomducompte", "unternehmensname", "primarycompany")
OWNERS = (
    *("zustandigermitarbeiter", "zustandigermitarbeiterfurkontakt", "kontaktinhaber", "besitzer", "inhaber"),
    *("proprietaire", "proprietaireducontact", "accountinhaber"),
)
LEFT = ("emailoptout", "hsemailoptout", "emailabmeldung", "refusdemail")
STANDING = ("marketingstatus", "statutmarketing", "emailmarketingstatus")


def _contact(
    *,
    email: str | None = None,
    full_name: str | None = None,
    other_email: str | None = None,
    standing: str | None = None,
    **values: Any,
) -> ContactRow:
    """A contact from columns that tools write in one and we keep in two, or the other way round."""
    if full_name and not (values.get("first_name") or values.get("last_name")):
        last, comma, first = full_name.partition(", ")
        if not comma:
            first, _, last = full_name.partition(" ")
        values |= {"first_name": first, "last_name": last or None}
    if standing:
        values["email_opt_out"] = values.get("email_opt_out", False) or cells.unsubscribed(standing)
        values["bounced"] = values.get("bounced", False) or "bounce" in standing.lower()
        values.setdefault("consent_basis", standing)
    address = email or other_email
    if not address:
        raise ValueError('column "email" is empty; fill it in')
    return ContactRow(email=address, **values)


def deals() -> Layout[DealRow]:
    called = names("dealname opportunityname title titel titre nomdelatransaction nomdelopportunite")
    closes = names("closedate schliessdatum abschlussdatum schlusstermin datedecloture dateprevuedecloture")
    owners = names(
        "dealowner ownername opportunityowner opportunityinhaber proprietairedelatransaction besitzer proprietaire"
    )
    return Layout(
        "deals",
        _deal,
        (
            must("source_id", cells.identifier, *IDS, "dealid", "opportunityid"),
            must("name", cells.line, *called),
            may(
                "stage",
                cells.line,
                *names("dealstage stagename opportunityphase phase dealphase etape phasedelatransaction"),
            ),
            may("pipeline", cells.line),
            Column("amount", money, AMOUNT, says=decimal_mark, gives=("amount", "currency")),
            may("currency", cells.currency, *names("currencyisocode dealcurrencycode currencyofvalue"), *CURRENCY),
            dated("close_date", cells.day, "expectedclosedate", "erwartetesabschlussdatum", *closes),
            may("is_open", cells.boolean, "open"),
            may("is_open", cells.still_open, "status", "dealstatus", "statut"),
            may("is_open", cells.not_closed, "isclosed", "closed", "geschlossen", "ferme"),
            may("contact_id", cells.first_id, "associatedcontactids", "associatedcontactid", *CONTACT_IDS),
            may("company_id", cells.first_id, *COMPANY_IDS),
            may("owner", cells.line, *owners),
        ),
        key=lambda values: str(values["name"]),
        prefixes=("deal", "opportunity", "affaire"),
    )


AMOUNT = ("value", "dealvalue", "betrag", "wert", "montant", "valeur")
CURRENCY = ("wahrung", "devise", "wahrungdeswerts", "devisedelavaleur")
CONTACT_IDS = (
    "contactid",
    "primarycontactid",
    "personid",
    "zugehorigekontaktids",
    "idsdescontactsassocies",
    "kontaktid",
)


def _deal(*, amount: Money | None = None, currency: str | None = None, **values: Any) -> DealRow:
    beside = amount.currency if amount else None
    if beside and currency and beside != currency:
        raise ValueError(f"the amount is in {beside} and its currency is {currency}; correct one of the two")
    return DealRow(amount=amount.amount if amount else None, currency=currency or beside, **values)


def events(zone: tzinfo) -> Layout[EventRow]:
    whose = ("associatedcontactids", "associatedcontactid", "whoid", *CONTACT_IDS)
    times = names("time date timestamp occurredat activitydate hstimestamp messagedate datum duedate falligkeitsdatum")
    bodies = names("text notes note description content hsemailtext textbody beschreibung kommentare commentaires")
    return Layout(
        "events",
        _event,
        (
            must("contact_id", cells.first_id, *whose),
            dated("at", partial(cells.moment, zone=zone), *times, "dateecheance", must=True),
            must("kind", cells.kind, "type", "eventtype", "activitytype", "tasksubtype", "typ"),
            may("source_id", cells.identifier, *IDS, "eventid", "activityid"),
            may("deal_id", cells.first_id, "associateddealids", "associateddealid", "whatid", "dealid"),
            may("direction", cells.direction, "hsemaildirection"),
            may("subject", cells.line, "title", "hsemailsubject", "betreff", "objet"),
            may("body", cells.prose, *bodies),
            may("url", cells.link, "link", "pageurl"),
            may("count", cells.count, "times"),
        ),
        key=lambda values: digest(
            *(values.get(field, "") for field in ("contact_id", "at", "kind", "subject", "body", "url"))
        ),
        prefixes=("activity", "aktivitat", "activite"),
    )


KINDS = {
    **dict.fromkeys(("anruf", "appel", "telephone_call", "call_logged"), "call"),
    **dict.fromkeys(("besprechung", "termin", "reunion", "rendez_vous", "rdv"), "meeting"),
    **dict.fromkeys(("notiz", "note_logged"), "note"),
}


def _event(*, kind: str, direction: str | None = None, **values: Any) -> EventRow:
    kind = KINDS.get(kind, kind)
    if direction and kind in ("email", "e_mail"):
        kind = {"in": "email_received", "out": "email_sent"}[direction]
    return EventRow(kind=kind, direction=direction, **values)


def emails(zone: tzinfo) -> Layout[EmailRow]:
    return Layout(
        "emails",
        _email,
        (
            must("to_email", cells.email, "to", "recipient", "emailaddress", "email"),
            Column("subject", cells.line, ("subjectline",), required=True),
            must("body", cells.prose, "text", "content", "message"),
            dated("sent_at", partial(cells.moment, zone=zone), "sent", "date", "sentdate", "timestamp", must=True),
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
