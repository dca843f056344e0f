"""Emails that break one promise of style each, honest ones beside them, and emails that leak another customer.

Written from what is promised, not from how it is checked. `cases` gives (subject, body, brief, voice, playbook,
expected rule or None), `leak_cases` the same with the workspace's other people in place of voice and playbook.
"""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from model.brief import Brief, Company, Contact, Deal, Event, Sender
from model.playbook import Playbook
from model.strangers import Stranger
from model.voice import Length, Voice

Case = tuple[str, str, Brief, Voice, Playbook, str | None]
LeakCase = tuple[str, str, Brief, tuple[Stranger, ...], str | None]

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FOOTER = "You get this because you asked us for prices. Reply STOP and we will not write again."
ADDRESS = "Brightwater Ltd, 4 Quay Road, Cork"
DISCLAIMER = "This note is general information and not legal advice."
VOICE = Voice(
    company="Brightwater",
    what_we_do="maintenance planning for small plants",
    banned=("synergy", "circle back", "world-class"),
    replace={"utilize": "use", "touch base": "talk"},
    openers=("I hope this email finds you well", "Just checking in"),
    greetings=("Hi {{first_name}},", "Good morning {{first_name}},"),
    sign_offs=("All the best,\n{{sender}}", "Talk soon,\n{{sender}}"),
    length=Length(words=110, sentence_words=26, subject_words=8),
    reading_grade=9,
    one_question=True,
    claims_allowed=("the first month is free", "money-back guarantee within 30 days"),
    claims_forbidden=("guarantee", "risk-free", "never breaks down"),
    links=("brightwater.example", "calendar.example"),
    footer=FOOTER,
    address=ADDRESS,
    languages=("en",),
)
FREE = Voice(company="Brightwater", what_we_do="maintenance planning for small plants")
SALES = Playbook(name="sales_follow_up", title="Sales follow-up")
FOOTED = SALES.model_copy(update={"footer": True})
LAW = Playbook(
    name="law_intake",
    title="Law intake",
    must_say=(DISCLAIMER,),
    must_not_say=(r"\byou (?:will|should) win\b", r"\bmy advice is\b"),
)

BLOCKS = {"invisible", "slack_markup", "link", "must_say", "must_not_say", "forbidden_claim", "footer", "address"}
FIRST = ["Ada", "Bruno", "Carla", "Deniz", "Eoin", "Femke", "Goran", "Hanne", "Ilse", "Jonas"]
LAST = ["Aalders", "Brzezik", "Castellanos", "Dunphy", "Eklund", "Fazekas", "Gruszka", "Halloran"]
COMPANIES = ["Corrib Dairies", "Tallow & Sons", "Vesterport Ferries", "Ostrava Glassworks", "Llanelli Packaging"]
SUBJECTS = ["The plan for your second line", "Two weeks, step by step", "Your note about spare parts", "A seat for you"]
OPENINGS = [
    "Thank you for the time you gave us on the phone.",
    "Your note about spare parts was good to read.",
    "You asked how long the switch takes.",
]
MIDDLES = [
    "We move one line first and leave the rest as it is. Your crew sees each job on one page.",
    "Most plants start with the pumps, because they stop most. The plan then grows by one machine a week.",
    "Nothing has to be typed twice. We read the lists that you keep today.",
]
ASKS = ["Shall we look at it together?", "Which line would you start with?", "Could you send me the list of pumps?"]
SIGN_OFFS = ["All the best,", "Talk soon,"]


def brief(rng: random.Random, **changes: object) -> Brief:
    known: dict[str, object] = {
        "contact": Contact(
            first_name=rng.choice(FIRST), last_name=rng.choice(LAST), title="Plant manager", email="ada@corrib.example"
        ),
        "company": Company(name=rng.choice(COMPANIES), industry="Food"),
        "deal": Deal(name="Second line", stage="Proposal", amount=Decimal(9000), close_date=date(2026, 12, 18)),
        "events": (Event(kind="call", at=NOW - timedelta(days=3), subject="Call about spare parts"),),
        "goal": "agree on a first line",
        "sender": Sender(first_name="Róisín", name="Róisín Keane"),
        "playbook": "sales_follow_up",
        "at": NOW,
    }
    return Brief.model_validate({**known, **changes})


def letter(rng: random.Random, given: Brief, *middle: str, ask: str | None = None, below: str = "") -> str:
    """An honest email with the sentences given in its middle."""
    greeting = rng.choice(["Hi", "Good morning"]) + f" {given.contact.first_name},"
    text = " ".join([rng.choice(OPENINGS), *(middle or (rng.choice(MIDDLES),))])
    question = ask if ask is not None else rng.choice(ASKS)
    closing = f"{rng.choice(SIGN_OFFS)}\n{given.sender.first_name}"
    return "\n\n".join(part for part in (greeting, text, question, closing, below) if part)


def cases(rng: random.Random) -> list[Case]:
    """About 250, each a different email."""
    made: list[Case] = []
    for make in (_words, _forms, _sizes, _noise, _links, _hidden, _required, _honest):
        made += make(rng)
    return made


def _inside(rng: random.Random, rule: str | None, sentences: list[str], voice: Voice = VOICE) -> list[Case]:
    """One email for each sentence, which stands in its middle."""
    found: list[Case] = []
    for sentence in sentences:
        given = brief(rng)
        found.append((rng.choice(SUBJECTS), letter(rng, given, sentence), given, voice, SALES, rule))
    return found


def _words(rng: random.Random) -> list[Case]:
    claims = [
        "We guarantee that it runs by May.",
        "It comes with a guarantee.",
        "The start is risk-free for you.",
        "Our plan never breaks down.",
        "GUARANTEE: it runs by May.",
        "We guaranteed it to others too.",
        "The guarantees are simple.",
        "It never\nbreaks down.",
        "Risk-free, from the first day.",
    ]
    return [
        *_inside(rng, "banned", ["There is synergy here.", "I will circle back in May.", "World-class, they said."]),
        *_inside(rng, "banned", ["SYNERGY is what we saw.", "Let me circle  back to pumps.", "Synergy, for short."]),
        *_inside(rng, "replace", ["We utilize your lists.", "Utilize it as you like.", "Let us touch base in May."]),
        *_inside(rng, "forbidden_claim", claims),
        *_inside(rng, "spam", ["Act now and save.", "Click here for more.", "This is a limited time offer."]),
        *_inside(
            rng, "spam", ["Buy now, pay in May.", "You have been selected.", "Earn money with us.", "Just $$$ saved."]
        ),
        *_inside(rng, "spam", ["Act now and save.", "Click here for more."], FREE),
    ]


def _forms(rng: random.Random) -> list[Case]:
    found: list[Case] = []
    for opener in (
        "I hope this email finds you well.",
        "Just checking in on this.",
        "i hope this email finds you well!",
    ):
        given = brief(rng)
        body = letter(rng, given).replace("\n\n", f"\n\n{opener} ", 1)
        found.append((rng.choice(SUBJECTS), body, given, VOICE, SALES, "opener"))
    for greeting in ("Dear {},", "Hey {}!", "Hello {},", "Dear Sir or Madam,", ""):
        given = brief(rng)
        rest = letter(rng, given).partition("\n\n")[2]
        body = f"{greeting.format(given.contact.first_name)}\n\n{rest}".strip()
        found.append((rng.choice(SUBJECTS), body, given, VOICE, SALES, "greeting"))
    for closing in (
        "Best regards,\nRóisín",
        "Cheers, Róisín",
        "Sincerely,\nRóisín Keane",
        "Kind regards,\n\nRóisín",
        "",
    ):
        given = brief(rng)
        body = f"{letter(rng, given).rpartition(chr(10) * 2)[0]}\n\n{closing}".strip()
        found.append((rng.choice(SUBJECTS), body, given, VOICE, SALES, "sign_off"))
    for ask in ("Shall we talk? Or write?", "Which line? Which pump?", "May I call?\n\nOr is Friday better?"):
        given = brief(rng)
        found.append((rng.choice(SUBJECTS), letter(rng, given, ask=ask), given, VOICE, SALES, "one_question"))
    return found


def _sizes(rng: random.Random) -> list[Case]:
    steps = [f"Step {n} is short and plain work." for n in range(1, 26)]
    endless = "We start with the first line, " + ", ".join(f"then we do the next one in week {n}" for n in range(2, 6))
    hard = (
        "Organizational sustainability considerations necessitate comprehensive operational harmonization."
        " Interdepartmental prioritization methodologies facilitate administrative accountability."
        " Multidisciplinary collaboration accelerates transformational opportunities considerably."
    )
    long_subject = "A few more words about how we could plan the work on your second line"
    given = [brief(rng) for _ in range(8)]
    return [
        *(("Steps", letter(rng, one, *steps), one, VOICE, SALES, "length") for one in given[:2]),
        *(("Weeks", letter(rng, one, endless + "."), one, VOICE, SALES, "sentence_length") for one in given[2:4]),
        *(("Plans", letter(rng, one, hard), one, VOICE, SALES, "reading_grade") for one in given[4:6]),
        *((long_subject, letter(rng, one), one, VOICE, SALES, "subject_length") for one in given[6:]),
    ]


def _noise(rng: random.Random) -> list[Case]:
    foreign = {
        "de": "Wir haben die Liste gelesen und das ist für den Anfang genug. Ich habe sie mit den Kollegen besprochen.",
        "fr": "Nous avons lu la liste et elle est bonne pour le début. Vous pouvez nous dire ce que vous en pensez.",
        "es": "Hemos leído la lista y está bien para empezar. Usted nos puede decir lo que piensa de las bombas.",
        "nl": "We hebben de lijst gelezen en het is een goed begin. Ik heb met de ploeg gesproken en zij is klaar.",
    }
    found: list[Case] = []
    for text in foreign.values():
        given = brief(rng)
        body = f"Hi {given.contact.first_name},\n\n{text}\n\nAll the best,\nRóisín"
        found += [("A word", body, given, VOICE, SALES, "language"), ("A word", body, given, FREE, SALES, None)]
    loud = ["This is GREAT NEWS for you.", "See you there!!!", "We did it!! Really.", "THE PLAN IS READY.", "What?!?!"]
    twice = "The crew sees each job on one page."
    again = [f"{twice} Nothing is typed twice. {twice}", f"{twice}\n\n{twice}", f"{twice} {twice.upper().lower()}"]
    found += _inside(rng, "shouting", loud) + _inside(rng, "shouting", loud[:3], FREE)
    found += _inside(rng, "repetition", again) + _inside(rng, "repetition", again[:1], FREE)
    given = brief(rng)
    return [*found, ("READ THIS TODAY", letter(rng, given), given, VOICE, SALES, "shouting")]


BAD_LINKS = [
    "https://evil.example/offer",
    "http://EVIL.example",
    "www.evil.example",
    "evil.example",
    "evil.example/brightwater.example",
    "https://brightwater.example.evil.test/",
    "https://brightwater-example.test",
    "https://notbrightwater.example",
    "https://brightwater.example@evil.test/login",
    "https://brightwater.example:80@evil.test",
    "https://evil.test@brightwater.example/login",
    "https://user:brightwater.example@evil.test",
    "brightwater.example@evil.test/login",
    "https://xn--brightwter-y9a.example/",
    "https://brіghtwater.example/",  # a Cyrillic i
    "brіghtwater.example",
    "https://brightwater。evil.test",
    "https://brightwater.example\\@evil.test",
    "https:\\\\evil.test\\brightwater.example",
    "//evil.test/x",
    "ftp://evil.test/file",
    "hTTps://evil.test?x=brightwater.example",
    "https://evil.test#brightwater.example",
    "https://192.168.7.9/login",
    "http://3232237321/",
    "https://[::1]/",
    "javascript:alert(1)",
    "data:text/html;base64,AAAA",
    "evil.co.uk",
    "bit.ly/3xyz",
    "Evil.Test/x",
    "https://evil.test./",
    "(https://evil.test)",
    '"https://evil.test"',
    "<https://evil.test>",
    "[our site](https://evil.test)",
    "[brightwater.example](https://evil.test/x)",
    "[https://brightwater.example](http://evil.test)",
    "[brightwater.example][1]\n\n[1]: https://evil.test",
    '<a href="https://evil.test">brightwater.example</a>',
    "https://ｅｖｉｌ.test",
    "mailto:someone@evil.test?bcc=other@evil.test",
]
GOOD_LINKS = [
    "https://brightwater.example/plan",
    "brightwater.example",
    "www.brightwater.example",
    "https://Help.Brightwater.example/a?b=c#d",
    "https://calendar.example:443/roisin",
    "(see calendar.example/roisin)",
    "<https://brightwater.example>",
    "https://brightwater.example.",
]


def _links(rng: random.Random) -> list[Case]:
    bad = [f"The list is at {link} for you." for link in BAD_LINKS]
    good = [f"The list is at {link} for you." for link in GOOD_LINKS]
    free = [f"The list is at {link} for you." for link in BAD_LINKS[:2]]
    return [*_inside(rng, "link", bad), *_inside(rng, None, good), *_inside(rng, None, free, FREE)]


def _hidden(rng: random.Random) -> list[Case]:
    marks = ["\u200b", "\u200e", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u2060", "\x00", "\x07", "\x1b[31m", "\u3164"]
    marks += ["\U000e0041\U000e0042", "\u2028", "\ue000", "\u034f", "\ufe01", "\U000e0101", "\u180e", "\x85", "\x0b"]
    slack = ["<!channel>", "<!here>", "<!everyone>", "<!subteam^S123|ops>", "<@U024BE7LH>", "<@W1|ada>", "<#C024BE7LR>"]
    slack += [
        "<https://brightwater.example|click>",
        "<mailto:a@b.example|write>",
        "<!date^1|{date}|x>",
        "@channel",
        "@here",
    ]
    slack += ["<!CHANNEL>", "< !channel>", "<http://evil.test|https://brightwater.example>", "&lt;!channel&gt;"]
    found: list[Case] = []
    for voice in (VOICE, FREE):
        found += _inside(
            rng, "invisible", [f"The list is re{mark}ady." for mark in marks[:: 1 if voice is FREE else 3]], voice
        )
        found += _inside(rng, "slack_markup", [f"Please ask {text} today." for text in slack], voice)
    given = brief(rng)
    found.append(("Hello\nBcc: x@evil.test", letter(rng, given), given, FREE, SALES, "invisible"))
    found.append(("Hello <!here>", letter(rng, given), given, FREE, SALES, "slack_markup"))
    return found


def _required(rng: random.Random) -> list[Case]:
    found: list[Case] = []
    below: list[tuple[str, str | None]] = [
        (f"{FOOTER}\n{ADDRESS}", None),
        (f"{ADDRESS}\n\n{FOOTER.replace(' Reply', chr(10) + 'Reply')}", None),
        (ADDRESS, "footer"),
        (FOOTER, "address"),
        (FOOTER.replace("STOP", "GO") + "\n" + ADDRESS, "footer"),
        (FOOTER + "\nBrightwater Ltd, Cork", "address"),
    ]
    for text, rule in below:
        given = brief(rng)
        found.append((rng.choice(SUBJECTS), letter(rng, given, below=text), given, VOICE, FOOTED, rule))
    said: list[tuple[str, str | None]] = [
        (DISCLAIMER, None),
        (DISCLAIMER.upper().capitalize(), None),
        (DISCLAIMER.replace(" and ", "\nand "), None),
        ("This note is not legal advice.", "must_say"),
        (DISCLAIMER.replace("not ", ""), "must_say"),
        ("We can talk about it.", "must_say"),
        (f"{DISCLAIMER} You will win.", "must_not_say"),
        (f"My advice is to wait. {DISCLAIMER}", "must_not_say"),
        (f"{DISCLAIMER} I think you\nshould win.", "must_not_say"),
    ]
    for text, rule in said:
        given = brief(rng)
        found.append((rng.choice(SUBJECTS), letter(rng, given, text), given, VOICE, LAW, rule))
    return found


def _honest(rng: random.Random) -> list[Case]:
    """Plain good emails, and near misses that must pass."""
    given = [brief(rng) for _ in range(40)]
    plain: list[Case] = [(rng.choice(SUBJECTS), letter(rng, one), one, VOICE, SALES, None) for one in given]
    near = [
        "The first month is free for you.",
        "There is a money-back guarantee within 30 days.",
        "Version 2.1 takes 3.5 hours, e.g. for pumps.",
        "We start at 9.30 and end by noon.",
        "We met Ann O'Neill, Ph.D. about it.",
        "It is ready 👩‍🔧 and it runs ☀️ well.",
        "The line costs less than 5 < 9 parts.",
        "Write to roisin@brightwater.example in May.",
        "The plant is in Cork (Ireland) & it runs.",
        "Nous avons gained a lot from it.",
        "ISO and NATO forms are fine.",
        "It is done.We can start.",
        "Ask for the x-ray list: it is on page 4/5.",
        "The user asked: why not?",
        "Café Zoë – naïve, but good…",
    ]
    passes: list[Case] = []
    for sentence in near:
        one = brief(rng)
        ask = "" if "?" in sentence else None
        passes.append((rng.choice(SUBJECTS), letter(rng, one, sentence, ask=ask), one, VOICE, SALES, None))
    named = brief(rng, company=Company(name="Synergy World", industry="Food"))
    dotted = brief(rng, company=Company(name="Pumps.io", industry="Food"))
    loud = brief(rng, company=Company(name="VESTERPORT FERRIES"))
    nobody = brief(rng, contact=Contact(email="info@corrib.example"))
    return [
        *plain,
        *passes,
        ("A plan for Synergy World", letter(rng, named, "Synergy World runs two lines."), named, VOICE, SALES, None),
        ("A plan for Pumps.io", letter(rng, dotted, "At Pumps.io we saw two lines."), dotted, VOICE, SALES, None),
        ("A plan", letter(rng, loud, "We saw VESTERPORT FERRIES at work."), loud, VOICE, SALES, None),
        ("A plan", letter(rng, nobody).replace("None", "there"), nobody, VOICE, SALES, None),
    ]


# Leaks --------------------------------------------------------------------------------------------------------------

OTHERS = (
    Stranger("Meridian Cold Storage", "Oksana", "Hrytsenko", "oksana@meridian-cold.example", "Meridian Cold Storage"),
    Stranger("Pellworm Shipping", "Tjark", "Möllendorff", "t.moellendorff@pellworm.example", "Pellworm Shipping GmbH"),
    Stranger("Summit", "Grace", "Long", "grace.long@summit.example", "Summit"),
    Stranger(
        "Kestrel Foods", "Siobhán", "O'Hanrahan", "siobhan@kestrel.example", "Kestrel Foods", ("Kestrel hall two",)
    ),
    Stranger("Corrib Dairies", "Padraig", "Quigley", "padraig@corrib.example", "Corrib Dairies"),
    Stranger("gmail.com", "Leopold", "Vantongeren", "leo.vantongeren@gmail.com", None),
    Stranger("Baker Street Bakers", "Tom", "Baker", "tom@bakers.example", "Baker Street Bakers", ("Renewal",)),
)
LEAKS = [
    "Oksana Hrytsenko asked the same.",
    "As Hrytsenko said, it runs.",
    "OKSANA HRYTSENKO asked the same.",
    "oksana hrytsenko asked the same.",
    "Hrytsenko's crew did it in a week.",
    "We did it at Meridian Cold Storage.",
    "We did it at meridian cold storage.",
    "We did it at Meridian  Cold\nStorage.",
    "Write to oksana@meridian-cold.example about it.",
    "Write to Oksana@Meridian-Cold.example.",
    "<oksana@meridian-cold.example>",
    "Pellworm Shipping GmbH did it.",
    "Pellworm Shipping did it.",
    "Tjark Möllendorff did it.",
    "Tjark Moellendorff's or Mollendorff's list is good: Tjark Mollendorff.",
    "Ask Mr. Möllendorff.",
    "Siobhán O'Hanrahan did it.",
    "Siobhan O’Hanrahan did it.",
    "Ask Ms O'Hanrahan.",
    "The Kestrel hall two plan is done.",
    "kestrel foods did it.",
    "Grace Long did it.",
    "Leopold Vantongeren did it.",
    "leo.vantongeren@gmail.com did it.",
    "Tom Baker did it.",
    "Baker Street Bakers did it.",
]
NO_LEAKS = [
    "It takes as long as it takes.",
    "Long lines take longer.",
    "The bakers bake, and a baker plans.",
    "Baker or not, we can start.",
    "With grace and a summit view.",
    "The summit is near.",
    "Summit talks are long.",
    "Padraig Quigley sits next to you.",
    "Quigley told us so.",
    "Write to padraig@corrib.example too.",
    "Corrib Dairies runs two lines.",
    "The renewal is near.",
    "Renewal is easy.",
    "Thomas, Grace and Tom are first names.",
    "Cold storage is a hard job.",
    "Meridian time is not storage.",
    "The street is quiet.",
    "Ada Aalders knows.",
]


def leak_cases(rng: random.Random) -> list[LeakCase]:
    """Emails to Corrib Dairies that name somebody else's customer, and some that only look like it."""
    own: dict[str, object] = {
        "contact": Contact(first_name="Ada", last_name="Aalders", email="ada@corrib.example"),
        "company": Company(name="Corrib Dairies", industry="Food"),
    }
    found: list[LeakCase] = []
    for sentences, rule in ((LEAKS, "leak"), (NO_LEAKS, None)):
        for sentence in sentences:
            given = brief(rng, **own)
            found.append((rng.choice(SUBJECTS), letter(rng, given, sentence), given, OTHERS, rule))
    told = brief(rng, **own, note="They know Oksana Hrytsenko of Meridian Cold Storage.")
    private = brief(rng, contact=Contact(first_name="Ines", last_name="Duarte", email="ines@gmail.com"), company=None)
    by_subject = brief(rng, **own)
    return [
        *found,
        ("A word", letter(rng, told, "Say hello to Oksana Hrytsenko."), told, OTHERS, None),
        ("A word", letter(rng, told, "Say hello to Tjark Möllendorff."), told, OTHERS, "leak"),
        ("A word", letter(rng, private, "Leopold Vantongeren did it."), private, OTHERS, "leak"),
        ("The plan of Kestrel Foods", letter(rng, by_subject), by_subject, OTHERS, "leak"),
        ("Next Steps After The Summit", letter(rng, by_subject), by_subject, OTHERS, None),
        ("A word", letter(rng, by_subject, "We did it at Summit too."), by_subject, OTHERS, "leak"),
    ]
