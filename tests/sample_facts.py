# ruff: noqa: E501 (a table reads best with one line per row)
"""Everything invented by hand for the sample company: who exists, and what can happen. `sample_company` deals it out.

Mendwell sells maintenance planning: work orders, inspection checklists and spare parts for places full of machines.
All names are made up and every domain is reserved (.example).
"""

# name -> address
REPS = {
    "Ingrid Solberg": "ingrid.solberg@mendwell.example",
    "Mateo Ferreira": "mateo.ferreira@mendwell.example",
    "Priya Raman": "priya.raman@mendwell.example",
}

# name, domain, industry, size, country, locale, timezone, currency, rep, what they are to us,
# people ("first|last|title")
COMPANIES: list[tuple[str, str, str, str, str, str, str, str, str, str, list[str]]] = [
    (
        "Nordhavn Seafood",
        "nordhavn-seafood.example",
        "food production",
        "201-500",
        "Denmark",
        "da-DK",
        "Europe/Copenhagen",
        "DKK",
        "Ingrid Solberg",
        "customer",
        [
            "Søren|Østergaard|Maintenance Manager",
            "Freja|Lindqvist|Plant Director",
            "Mikkel|Thorup|Shift Lead",
            "Anne-Marie|Kjær|Quality Manager",
        ],
    ),
    (
        "Brauhaus Falkenried",
        "falkenried.example",
        "brewing",
        "51-200",
        "Germany",
        "de-DE",
        "Europe/Berlin",
        "EUR",
        "Ingrid Solberg",
        "customer",
        [
            "Jürgen|Weiß|Head of Maintenance",
            "Katharina|Böhm|Operations Manager",
            "Emre|Yildirim|Technician",
            "Lena|Hoffmann|Purchasing Lead",
        ],
    ),
    (
        "Clínica Altavista",
        "clinica-altavista.example",
        "healthcare",
        "501-1000",
        "Spain",
        "es-ES",
        "Europe/Madrid",
        "EUR",
        "Mateo Ferreira",
        "opportunity",
        [
            "Lucía|Ibáñez|Facilities Director",
            "Álvaro|Muñoz|Biomedical Engineer",
            "Núria|Soler|Head of Procurement",
            "Carmen|Peña|Technical Services Lead",
        ],
    ),
    (
        "Granite Peak Lifts",
        "granitepeak.example",
        "ski resorts",
        "201-500",
        "United States",
        "en-US",
        "America/Denver",
        "USD",
        "Priya Raman",
        "customer",
        [
            "Dale|Whitcomb|Lift Operations Manager",
            "Rosa|Delgado|Safety Coordinator",
            "Tyler|Okonkwo|Chief Mechanic",
            "Hannah|Breuer|Finance Director",
        ],
    ),
    (
        "Port of Velmora",
        "port-velmora.example",
        "ports and terminals",
        "1001-5000",
        "Portugal",
        "pt-PT",
        "Europe/Lisbon",
        "EUR",
        "Mateo Ferreira",
        "opportunity",
        [
            "João|Figueiredo|Crane Maintenance Lead",
            "Beatriz|Conceição|Head of Engineering",
            "Rui|Valadares|Yard Supervisor",
            "Inês|Magalhães|IT Project Lead",
            "Tomás|Brandão|Terminal Director",
        ],
    ),
    (
        "Harrow & Pike Printing",
        "harrowpike.example",
        "printing",
        "51-200",
        "United Kingdom",
        "en-GB",
        "Europe/London",
        "GBP",
        "Priya Raman",
        "customer",
        [
            "Gareth|Llewellyn|Press Room Manager",
            "Siobhán|Byrne|Managing Director",
            "Callum|Okafor|Maintenance Planner",
            "Fiona|Ashdown|Office Manager",
        ],
    ),
    (
        "Lumière Hotels",
        "lumiere-hotels.example",
        "hospitality",
        "1001-5000",
        "France",
        "fr-FR",
        "Europe/Paris",
        "EUR",
        "Mateo Ferreira",
        "opportunity",
        [
            "Hélène|Garnier|Technical Director",
            "Étienne|Rousseau|Chief Engineer",
            "Maëlys|Fontaine|Group Purchasing",
            "François|Delacroix|Hotel Manager",
        ],
    ),
    (
        "Tamarind Textiles",
        "tamarind-textiles.example",
        "textiles",
        "501-1000",
        "India",
        "en-IN",
        "Asia/Kolkata",
        "INR",
        "Priya Raman",
        "lead",
        [
            "Ananya|Krishnan|Plant Manager",
            "Vikram|Deshpande|Engineering Lead",
            "Meera|Iyer|Continuous Improvement Manager",
        ],
    ),
    (
        "Kestrel Cold Storage",
        "kestrelcold.example",
        "cold storage",
        "201-500",
        "Netherlands",
        "nl-NL",
        "Europe/Amsterdam",
        "EUR",
        "Ingrid Solberg",
        "customer",
        [
            "Willemijn|van der Berg|Operations Director",
            "Joost|Hendriks|Technical Manager",
            "Fatima|El Amrani|Shift Supervisor",
            "Bram|Kuipers|Warehouse Manager",
        ],
    ),
    (
        "Sakura Precision Parts",
        "sakura-precision.example",
        "precision engineering",
        "201-500",
        "Japan",
        "ja-JP",
        "Asia/Tokyo",
        "JPY",
        "Priya Raman",
        "lead",
        [
            "Haruka|Nakamura|Production Engineering Lead",
            "Kenji|Morimoto|Factory Manager",
            "Aiko|Tanabe|Quality Lead",
        ],
    ),
    (
        "Blåfjell Water",
        "blafjell.example",
        "water utilities",
        "51-200",
        "Norway",
        "nb-NO",
        "Europe/Oslo",
        "NOK",
        "Ingrid Solberg",
        "opportunity",
        [
            "Torbjørn|Haugen|Network Engineer",
            "Silje|Nygård|Head of Operations",
            "Oskar|Bråthen|Pump Station Lead",
        ],
    ),
    (
        "Maple Ridge School District",
        "mapleridge.example",
        "education",
        "1001-5000",
        "Canada",
        "en-CA",
        "America/Toronto",
        "CAD",
        "Priya Raman",
        "lead",
        [
            "Denise|Thibault|Facilities Director",
            "Marcus|Okafor|Maintenance Coordinator",
            "Grace|Nguyen|Budget Officer",
            "Owen|Fairbairn|Caretaking Lead",
        ],
    ),
    (
        "Ferrovia Adriatica",
        "ferrovia-adriatica.example",
        "rail",
        "1001-5000",
        "Italy",
        "it-IT",
        "Europe/Rome",
        "EUR",
        "Mateo Ferreira",
        "opportunity",
        [
            "Maria|Rossi|Rolling Stock Manager",
            "Niccolò|Bianchi|Depot Supervisor",
            "Chiara|Lombardi|Procurement Manager",
            "Davide|Ferraris|Reliability Engineer",
        ],
    ),
    (
        "Cooperativa Las Lomas",
        "laslomas.example",
        "agriculture",
        "51-200",
        "Mexico",
        "es-MX",
        "America/Mexico_City",
        "MXN",
        "Mateo Ferreira",
        "lead",
        [
            "Guadalupe|Hernández|General Manager",
            "Ramón|Treviño|Packing House Lead",
            "Ximena|Castañeda|Finance Lead",
        ],
    ),
    (
        "Baltic Timber Group",
        "baltictimber.example",
        "sawmills",
        "501-1000",
        "Poland",
        "pl-PL",
        "Europe/Warsaw",
        "PLN",
        "Ingrid Solberg",
        "opportunity",
        [
            "Małgorzata|Wiśniewska|Plant Engineer",
            "Paweł|Zieliński|Maintenance Manager",
            "Łukasz|Dąbrowski|Sawline Lead",
            "Agnieszka|Król|Finance Director",
        ],
    ),
    (
        "Pacific Crest Aquarium",
        "pacificcrest.example",
        "museums and attractions",
        "51-200",
        "United States",
        "en-US",
        "America/Los_Angeles",
        "USD",
        "Priya Raman",
        "customer",
        [
            "Leilani|Kahale|Life Support Lead",
            "Winston|Abernathy|Facilities Director",
            "Maria|Rossi|Education Operations Manager",
            "Quang|Nguyen|Water Systems Technician",
        ],
    ),
    (
        "Al Nakheel Bottling",
        "alnakheel.example",
        "beverages",
        "201-500",
        "United Arab Emirates",
        "en-AE",
        "Asia/Dubai",
        "AED",
        "Mateo Ferreira",
        "opportunity",
        [
            "Yusuf|Al Mansoori|Plant Manager",
            "Layla|Haddad|Planning Lead",
            "Rashid|Khoury|Maintenance Engineer",
        ],
    ),
    (
        "Steenbok Mining Services",
        "steenbok.example",
        "mining services",
        "501-1000",
        "South Africa",
        "en-ZA",
        "Africa/Johannesburg",
        "ZAR",
        "Priya Raman",
        "lead",
        [
            "Thandiwe|Mokoena|Fleet Manager",
            "Pieter|Botha|Workshop Foreman",
            "Lerato|Dlamini|Commercial Manager",
        ],
    ),
    (
        "Kauri Dairy",
        "kauridairy.example",
        "dairy",
        "201-500",
        "New Zealand",
        "en-NZ",
        "Pacific/Auckland",
        "NZD",
        "Priya Raman",
        "customer",
        [
            "Aroha|Ngata|Site Manager",
            "Callan|McRae|Reliability Lead",
            "Isla|Fotheringham|Compliance Manager",
            "Hemi|Parata|Night Shift Lead",
        ],
    ),
    (
        "Škoda & Novák Glassworks",
        "skodanovak-glass.example",
        "glass making",
        "51-200",
        "Czechia",
        "cs-CZ",
        "Europe/Prague",
        "CZK",
        "Ingrid Solberg",
        "lead",
        [
            "Zdeněk|Procházka|Furnace Lead",
            "Barbora|Dvořáková|Production Planner",
            "Jiří|Němec|Owner",
        ],
    ),
]

# A person without a company, and two about whom nothing has ever happened.
ALONE = ("Noor", "Habibi", "Independent Maintenance Consultant", "noor.habibi@freelance.example")
WITHOUT_EVENTS = ("fiona.ashdown@harrowpike.example", "ximena.castaneda@laslomas.example")

# Who must not be written to, and why.
DO_NOT_CONTACT = ("agnieszka.krol@baltictimber.example", "pieter.botha@steenbok.example")
OPTED_OUT = (
    "maelys.fontaine@lumiere-hotels.example",
    "hannah.breuer@granitepeak.example",
    "owen.fairbairn@mapleridge.example",
)
BOUNCED = ("rui.valadares@port-velmora.example", "bram.kuipers@kestrelcold.example")

# address of the contact, name, stage, pipeline, amount, close date
DEALS: list[tuple[str, str, str, str, int, str]] = [
    ("soren.ostergaard@nordhavn-seafood.example", "Nordhavn Second Line", "negotiation", "expansion", 184000, "2026-12-18"),
    ("freja.lindqvist@nordhavn-seafood.example", "Nordhavn Renewal", "proposal", "renewal", 412000, "2027-01-29"),
    ("jurgen.weiss@falkenried.example", "Falkenried Bottling Hall", "trial", "expansion", 18600, "2026-12-11"),
    ("katharina.bohm@falkenried.example", "Falkenried Renewal", "negotiation", "renewal", 36400, "2027-02-26"),
    ("lucia.ibanez@clinica-altavista.example", "Altavista Theatres", "proposal", "new business", 52800, "2026-12-15"),
    ("nuria.soler@clinica-altavista.example", "Altavista Framework Agreement", "qualification", "new business", 96000, "2027-03-31"),
    ("dale.whitcomb@granitepeak.example", "Granite Peak Winter Rounds", "closed won", "expansion", 27500, "2026-09-30"),
    ("rosa.delgado@granitepeak.example", "Granite Peak Safety Checklists", "demo", "expansion", 14200, "2027-01-15"),
    ("joao.figueiredo@port-velmora.example", "Velmora Crane Pilot", "trial", "new business", 61000, "2026-12-17"),
    ("beatriz.conceicao@port-velmora.example", "Velmora Terminal Rollout", "proposal", "new business", 238000, "2027-02-12"),
    ("gareth.llewellyn@harrowpike.example", "Harrow & Pike Night Shift", "demo", "expansion", 9800, "2026-12-04"),
    ("siobhan.byrne@harrowpike.example", "Harrow & Pike Renewal", "proposal", "renewal", 22300, "2027-01-22"),
    ("helene.garnier@lumiere-hotels.example", "Lumière Paris Pilot", "trial", "new business", 44500, "2026-12-10"),
    ("etienne.rousseau@lumiere-hotels.example", "Lumière Group Rollout", "qualification", "new business", 310000, "2027-04-30"),
    ("ananya.krishnan@tamarind-textiles.example", "Tamarind Weaving Hall", "demo", "new business", 2650000, "2027-01-20"),
    ("willemijn.vanderberg@kestrelcold.example", "Kestrel Renewal", "negotiation", "renewal", 58700, "2026-12-22"),
    ("joost.hendriks@kestrelcold.example", "Kestrel Compressor Rounds", "trial", "expansion", 21900, "2027-01-08"),
    ("kenji.morimoto@sakura-precision.example", "Sakura Tool Room", "qualification", "new business", 4800000, "2027-03-19"),
    ("silje.nygard@blafjell.example", "Blåfjell Pump Stations", "proposal", "new business", 295000, "2026-12-16"),
    ("torbjorn.haugen@blafjell.example", "Blåfjell Network Trial", "closed lost", "new business", 88000, "2026-10-09"),
    ("denise.thibault@mapleridge.example", "Maple Ridge Summer Works", "qualification", "new business", 73500, "2027-05-14"),
    ("maria.rossi@ferrovia-adriatica.example", "Adriatica Depot Pilot", "demo", "new business", 67200, "2027-01-13"),
    ("chiara.lombardi@ferrovia-adriatica.example", "Adriatica Fleet Tender", "proposal", "new business", 540000, "2027-03-05"),
    ("guadalupe.hernandez@laslomas.example", "Las Lomas Packing House", "demo", "new business", 385000, "2027-02-05"),
    ("pawel.zielinski@baltictimber.example", "Baltic Sawline Trial", "trial", "new business", 112000, "2026-12-14"),
    ("malgorzata.wisniewska@baltictimber.example", "Baltic Kiln Inspections", "closed lost", "new business", 64000, "2026-08-28"),
    ("leilani.kahale@pacificcrest.example", "Pacific Crest Pump Room", "closed won", "expansion", 16800, "2026-10-30"),
    ("yusuf.almansoori@alnakheel.example", "Al Nakheel Filling Lines", "negotiation", "new business", 143000, "2026-12-20"),
    ("thandiwe.mokoena@steenbok.example", "Steenbok Workshop Trial", "qualification", "new business", 890000, "2027-02-18"),
    ("aroha.ngata@kauridairy.example", "Kauri Dryer Renewal", "proposal", "renewal", 47600, "2027-01-27"),
]  # fmt: skip

MEETINGS = {
    "Plant Walkthrough": "Walked the lines together. They asked how a fault gets from the floor to the planner, and whether photos stay with the asset.",
    "Planning Workshop": "Sorted last month's jobs into planned and unplanned. Asked: can a job wait for a part without vanishing from the list?",
    "Spare Parts Review": "Shelf list is in a spreadsheet.\nThey asked if minimum stock can differ per site, and who gets the reorder note.",
    "Rollout Kickoff": "Agreed who owns which area. Open question: do contractors need their own login?",
    "Night Shift Review": "Night shift writes faults on paper. Asked whether the app works without network in the basement.",
    "Data Import Session": 'Looked at their asset list: 3 naming schemes, some rows called "misc". They asked who cleans it up.',
    "Quarterly Review": "Went through overdue inspections. They asked for a view that shows one building only.",
    "Introductory Meeting": "First meeting. They plan on a whiteboard today. Asked how long a first checklist takes to write.",
}

CALLS = {
    "the spare parts backlog": "They wait weeks for bearings and want to see which jobs are blocked by a part.",
    "who approves purchases": "Finance signs above a limit. Asked if the approver can see the job that needs the part.",
    "moving away from spreadsheets": "Five spreadsheets, two people who understand them. Asked whether history can come along.",
    "the inspection checklists": "Auditor wants signatures. Asked if a checklist can demand a photo.",
    "the order of the rollout": "Torn between the loud area and the easy area. Asked what others did first.",
    "access for contractors": "Contractors come and go. Asked if they can report a job without seeing the rest.",
    "reports for the management": "The board wants one page. Asked which three figures we would show.",
    "summer shutdown planning": "Everything happens in two weeks. Asked if jobs can be bundled by area.",
}

WEBINARS = {
    "Planned Beats Urgent": "Asked in the chat: how do you stop everybody from marking their job urgent?",
    "The Ten-Minute Inspection": "Asked in the chat: what is the longest checklist that people still fill in honestly?",
    "Spare Parts Without the Spreadsheet": "Stayed until the end.",
    "From Whiteboard to Work Order": "Asked in the chat: do we have to give up the whiteboard?",
    "What Auditors Look For": "Asked in the chat: is a signature on a tablet accepted?",
}

DOCUMENTS = {
    "The Downtime Worksheet": "/library/downtime-worksheet",
    "Checklists That Get Used": "/library/checklists-that-get-used",
    "A Buyer's Guide to Maintenance Software": "/library/buyers-guide",
    "First Thirty Days With a Planner": "/library/first-thirty-days",
    "Spare Parts: What to Keep": "/library/spare-parts-what-to-keep",
    "Notes for Your IT Team": "/library/notes-for-it",
}

PAGES = {
    "Pricing": "/pricing",
    "Inspections": "/product/inspections",
    "Integrations": "/product/integrations",
    "Spare Parts": "/product/spare-parts",
    "Security": "/security",
    "Offline Mode": "/product/offline",
}

FORMS = {
    "Request a Demo": "We have about forty machines and one planner. Could we see it with our own data?",
    "Ask an Engineer": "Does it work offline? Our pump rooms have no signal, and paper gets wet.",
    "Pricing Request": "We are two sites, maybe three next year. What would that look like?",
    "Contact Us": 'A colleague said "just ask them", so: can technicians report a fault with a photo?',
}

FEATURES = {
    "Work Orders": "Jobs created and closed by the team.",
    "Inspection Rounds": "Rounds finished on the tablet.",
    "Spare Parts": "Parts booked to jobs.",
    "Shift Handover": "Handover notes written at shift change.",
    "Asset Register": "Assets added and renamed.",
}

TICKETS = {
    "Labels print without the asset number": "Since the update the printed label shows the name only. Can we get the number back?",
    "Photos upload slowly in the basement": "A photo takes minutes. Is there a way to send a smaller one?",
    "Duplicate jobs after import": "Some jobs are there twice. Which one may we delete?",
    "Checklist skips the last step": "Step 9 is missing on the tablet, but it is there on the desktop.",
    "Reminder goes to a former colleague": "He left in spring. Where do we change the recipient?",
    "Cannot filter by building": "We only want to see hall B.\nThe filter shows everything, whatever we choose.",
}

# What people write back, by the family of the goal that they were written to about.
REPLIES = {
    "pricing": ("Thanks. I need one figure for two sites, please.", "Could you split it by site? Finance asks, as always."),
    "story": ("The one about spare parts, please.", "Do you have one from a place with an old machine park?"),
    "recap": ("Looks right. Please add the contractor question.", "One correction: the audit comes first, then the rollout."),
    "revive": ("Still interested, just buried. Can we speak after the shutdown?", "Honestly, we paused it. What has changed since?"),
    "renewal": ("We would keep the checklists. Nobody opens the reports.", "Can we drop a module mid-term?"),
    "pilot": ("The labeller. Everybody hates the labeller.", "Our planner would own it. How long does the first list take?"),
    "demo": ("Morning works. Can my technician join?", "Yes, but please show it offline."),
    "session": ("Hold two seats, please.", "Cannot make it. Is there a recording?"),
    "question": ("That would help. It also happens on the other tablet.", "After lunch is best. Do I need to install anything?"),
    "talk": ("Happy to. We are mostly on paper, be warned.", "Who else in our size do you work with?"),
}  # fmt: skip

# What reps type, by family.
GOALS = {
    "pricing": ("answer the pricing question", "send a price overview", "talk about the quote", "explain what it costs"),
    "story": ("share the case study", "share a customer story", "offer a reference"),
    "recap": ("recap the call", "summarise where we are", "confirm next steps"),
    "revive": ("revive the deal", "re-engage after the silence", "wake up a stalled deal"),
    "renewal": ("start the renewal talk", "talk about extending the contract", "propose an upgrade"),
    "pilot": ("get the pilot going", "help them get started", "plan the rollout", "push the trial along"),
    "demo": ("book a demo", "offer a walkthrough", "show the product to the team"),
    "session": ("invite to the next webinar", "offer a seat in the next session"),
    "question": ("answer the support question", "help with the issue", "reply to the question"),
    "talk": ("book a first call", "get a meeting", "find out how they work today"),
}  # fmt: skip

# Which goals follow from what the customer did last.
FITTING = {
    "meeting": ("recap", "pricing", "pilot", "story", "demo", "session"),
    "call": ("recap", "pricing", "talk", "demo", "revive", "story"),
    "webinar_attended": ("demo", "story", "session", "talk", "pricing", "pilot"),
    "document_download": ("story", "demo", "talk", "pricing", "session", "renewal"),
    "page_view": ("pricing", "demo", "talk", "story", "question", "revive"),
    "form_submit": ("demo", "question", "pricing", "talk", "session"),
    "product_usage": ("pilot", "renewal", "session", "recap", "question"),
    "ticket": ("question", "pilot", "renewal", "recap"),
    "email_received": ("question", "pricing", "talk", "recap", "demo", "renewal"),
    "email_click": ("story", "session", "demo", "pilot", "revive", "talk"),
    "email_open": ("revive", "session", "talk", "story", "recap", "renewal"),
}

NOTES = (
    "Prefers email in the morning.",
    'Says "no slides, ever". Believes it when she sees it.',
    "Budget is decided in January; procurement, IT and the works council all want a word.",
    "Used a rival planner before. Left because technicians would not open it.",
    "Careful: their planner retires soon, and nobody has been named yet.",
)

LONG_NOTE = """Long visit, notes as they came.

Two halls, built forty years apart. The old one has no drawings; the technicians know it by heart, and two of them \
are close to retirement. The new one is full of sensors that nobody reads. Faults are shouted across the floor, \
written on tape, or sent as a voice message; the planner collects them during coffee and writes the week on a \
whiteboard. "If I am ill, there is no week", as she put it.

What they asked:
- Can a fault be reported without typing? Gloves, noise, grease.
- Can the whiteboard stay up for a while, next to the screen?
- Who owns the data if they leave us, and in which format do they get it?
- Does the tablet survive wash-down?

Worries: the works council wants to know whether jobs are timed per person (they are not, unless switched on). IT wants \
single sign-on and a list of sub-processors. Finance wants one figure per site, and no surprises; they had a bad \
experience with a "small" module, billed separately.

Mood: curious, tired of tools, fond of the whiteboard. I would start with the labelling machine; it breaks most, and \
everybody would notice."""
