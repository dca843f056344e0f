"""Which tool wrote an export, told by headers that only it writes. Names of columns stand in `layouts`."""

from collections.abc import Iterable

from storage.crm.columns import folded


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


ENOUGH = 2  # headers of its own; one alone may be chance
HEADERS: dict[str, frozenset[str]] = {
    "HubSpot": _set(
        "recordid lifecyclestage leadstatus contactowner associatedcompany associatedcompanyids"
        " associatedcontactids associateddealids dealname dealstage dealowner createdate lastactivitydate"
        " companyowner companydomainname unsubscribedfromallemail marketingcontactstatus hstimestamp"
        " hubspotownerid hsemaildirection hsemailsubject hsemailtext hsemailoptout lifecyclephase datensatzid"
        " zustandigermitarbeiterfurkontakt dealphase zustandigermitarbeiterfurdeal zugehorigeunternehmensids"
        " zugehorigekontaktids vonallenemailsabgemeldet iddenregistrement proprietaireducontact phaseducycledevie"
        " idsdesentreprisesassociees desinscritdetouslesemails nomdelatransaction phasedelatransaction"
        " proprietairedelatransaction idsdescontactsassocies"
    ),
    "Salesforce": _set(
        "accountid accountname hasoptedoutofemail donotcall isemailbounced emailbounceddate emailbouncedreason"
        " emailoptout mailingcountry mailingcity opportunityid opportunityname stagename isclosed iswon whoid"
        " whatid tasksubtype activitydate leadsource ownerid kontaktid accountinhaber opportunityphase"
        " emailabmeldung schlusstermin postanschriftland nomducompte iddecompte nomdelopportunite refusdemail"
        " datedecloture paysdecorrespondance iddecontact"
    ),
    "Pipedrive": _set(
        "marketingstatus doubleoptin currencyofvalue pipedrivesystemid opendeals closeddeals wondeals lostdeals"
        " nextactivitydate lastactivitydate expectedclosedate visibleto emailwork emailhome emailother phonework"
        " marketingstatusdeperson offenedeals wahrungdeswerts systemidvonpipedrive erwartetesabschlussdatum"
        " sichtbarfur statutmarketing affairesouvertes devisedelavaleur idsystemepipedrive dateprevuedecloture"
    ),
    "Mailchimp": _set(
        "memberrating optintime optinip confirmtime confirmip latitude longitude gmtoff dstoff lastchanged leid"
        " euid unsubtime unsubcampaigntitle unsubcampaignid unsubreason unsubreasonother cleantime"
        " cleancampaigntitle cleancampaignid"
    ),
}
PREFIXES = ("person - ", "deal - ", "organization - ", "organisation - ", "activity - ")  # only Pipedrive writes these
# What a name means in one tool and not in the others.
MEANS = {"Pipedrive": {"nom": "full_name"}}


def recognised(headers: Iterable[str]) -> str | None:
    """The tool with most headers of its own; None where there are too few or two tools are as likely."""
    written = [header for header in headers if header]
    names = {folded(header.rpartition(" - ")[2]) for header in written} | {folded(header) for header in written}
    names |= {folded(header.partition(" - ")[2]) for header in written}
    found = {tool: len(names & own) for tool, own in HEADERS.items()}
    found["Pipedrive"] += sum(header.lower().startswith(PREFIXES) for header in written)
    best = max(found, key=lambda tool: found[tool])
    alone = sum(count == found[best] for count in found.values()) == 1
    return best if found[best] >= ENOUGH and alone else None
