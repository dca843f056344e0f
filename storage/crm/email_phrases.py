"""How people end emails and what programs put below them, in the languages of western Europe."""

import re

SMALL_WORDS = frozenset(
    ("de", "van", "von", "der", "den", "di", "da", "la", "del", "du", "the", "team", "your", "at", "and", "&", "from")
)

_SIGN_OFF = "|".join(
    (
        r"(?:(?:with )?(?:all )?(?:my |our |the )?(?:very )?(?:best|kind|kindest|warm|warmest|many|good))"
        r"(?: (?:regards|wishes|thanks))?",
        r"(?:all|with) (?:the )?(?:my )?(?:best|thanks)|regards|sincerely",
        r"yours(?: sincerely| truly| faithfully)?|br|kr",
        r"(?:many |warm )?(?:thanks|thank you|thx)(?: so much| very much| a lot| again| in advance)?|cheers|warmly",
        r"(?:talk|speak|chat)(?: to you)?(?: soon| then)?|see you(?: soon| then| there)?|take care|bye|ciao",
        r"until (?:then|soon)|have a (?:great|good|nice|lovely) (?:day|evening|week|weekend|one)",
        r"cordially|respectfully|(?:i(?: am|['’]m)? )?look(?:ing)? forward(?: to [^\n.?!]{1,40})?",
        r"(?:(?:mit )?(?:freundlich|best|herzlich|lieb|viel|schön)e[nr]? )?gr(?:ü|ue)(?:ß|ss)en?(?: aus \w+)?",
        r"(?:(?:schön|lieb|best|herzlich)en )?gru(?:ß|ss)|mfg|lg|vg|bis (?:bald|dann|morgen)|(?:vielen |besten )?dank",
        r"(?:bien |très )?cordialement|bien à (?:vous|toi)|(?:meilleures|sincères) salutations|amicalement|à bientôt",
        r"(?:bonne|belle) (?:fin de )?(?:journée|soirée|semaine)|merci(?: beaucoup| d['’]avance| encore)?",
        r"(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|cordialmente|(?:muchas )?gracias|un abrazo",
        r"hasta (?:pronto|luego|mañana)|(?:met )?(?:vriendelijke|hartelijke) groet(?:en|jes)?|groet(?:en|jes)?|mvg",
        r"tot (?:snel|dan|ziens|gauw)|(?:alvast )?bedankt|(?:cordiali|distinti) saluti",
        r"(?:com os melhores )?cumprimentos|abraços?|um abraço",
        r"(?:med )?(?:vennlig |venlig )?hilsen|(?:med )?(?:vänliga )?hälsningar|mvh",
    )
)
SIGN_OFF = re.compile(rf"(?:{_SIGN_OFF})(?:,? (?:and|und|et|y|en|&) (?:{_SIGN_OFF}))?\s*[,.!–—-]*", re.IGNORECASE)
ANY_CLOSING = re.compile(r"[^\W\d][^\n.?!:;,]{1,40},")  # "Speak on Thursday,"
POSTSCRIPT = re.compile(r"P\.? ?P?\.? ?S\.?[ :,.–—-]")
CONTACT = re.compile(
    r"\S@\S+\.\w|https?://|\bwww\.|\+?\(?\d[\d\s()./–-]{5,}\d|\[cid:|\[image"
    r"|^(?:tel|telefon|phone|mobile?|mob|fax|office|direct|linkedin|twitter|web|[tmpef])\s?[:.]?\s",
    re.IGNORECASE,
)
REACHABLE = re.compile(r"\S@\S+\.\w|\+?\(?\d[\d\s()./–-]{5,}\d")
WROTE = re.compile(  # "Jens Krüger <jens@hafen.example> schrieb am Di., 3. Nov. 2026 um 09:14:"
    r"^[^>\n][^\n]{0,200}\S@\S[^\n]{0,120}?\b(?:wrote|schrieb|écrit|escribió|schreef|geschreven|scritto|escreveu|skrev)\b"
    r"[^\n]{0,80}:$",
    re.MULTILINE,
)
DEVICE = re.compile(
    r"sent (?:from|via|with) (?:my|outlook|mail|yahoo|proton|the)\b.{0,80}|get outlook for .{0,80}"
    r"|von meinem .{1,40} gesendet|gesendet (?:von|mit|aus) .{1,80}|envoyé (?:de|depuis) (?:mon|l['’]).{1,80}"
    r"|enviado desde mi .{1,80}|verzonden (?:vanaf|met|via) .{1,80}|verstuurd vanaf .{1,80}|inviato da .{1,80}",
    re.IGNORECASE,
)
FOOTING = re.compile(
    r"(?:this|the information (?:contained )?in this) (?:e-?mail|message)\b[^.]{0,80}"
    r"(?:confidential|intended (?:solely|only|exclusively|for)|privileged)"
    r"|(?:\W{0,3}(?:legal |confidentiality )?(?:disclaimer|notice|confidential|confidentiality)\W{0,3}:?\W{0,3}$)"
    r"|(?:confidentiality notice|disclaimer|confidential)\s*:"
    r"|if you (?:have received this|are not the (?:intended|named))"
    r"|diese (?:e-?mail|nachricht)\b.{0,80}(?:vertraulich|bestimmt)|ce (?:message|courriel|mail)\b.{0,80}confidentiel"
    r"|este (?:mensaje|correo)\b.{0,80}confidencial|dit (?:e-?mail)?bericht\b.{0,80}vertrouwelijk"
    r"|(?:please )?(?:consider|think of) the environment before|virus-free\."
    r"|(?:to |click (?:here )?to )unsubscribe\b"
    r"|unsubscribe\s*(?:$|here|from|\W?https?|[:|<(])"
    r"|you(?: are|['’]re)? (?:receiv(?:ing|ed)|getting|got) this (?:e-?mail|message|newsletter|because)"
    r"|(?:manage|update) (?:your )?(?:email )?preferences"
    r"|if you (?:no longer|do(?:n['’]t| not)) (?:wish|want) to (?:receive|get)"
    r"|.{0,80}\bunsubscribe(?: here)?(?:\s*\W?https?://\S+)?$"
    r"|view (?:this email )?in (?:your )?browser|(?:newsletter )?abbestellen\b|se désabonner|darse de baja|afmelden\b",
    re.IGNORECASE,
)
AUTOMATIC = re.compile(
    r"(?:re: ?)?(?:automatic reply|auto[- ]?reply|out of (?:the )?office|automatische antwort|abwesenheitsnotiz"
    r"|réponse automatique|respuesta automática|fuera de la oficina|automatisch antwoord|afwezigheidsmelding)"
    r"(?=\s*(?:$|[:–—-]| re\b))|undeliver(?:able|ed mail)|delivery (?:status notification|has failed|failure)"
    r"|mail delivery (?:failed|system)|returned mail:|failure notice$|unzustellbar:|non remis\s?:|no se puede entregar:"
    r"|(?:updated |cancell?ed )?(?:invitation|event|einladung|invitación)[^:]{0,30}:.* @ "
    r"|(?:accepted|declined|tentative|tentatively accepted|cancell?ed|zugesagt|abgesagt|accepté|refusé|aceptad[oa]):",
    re.IGNORECASE,
)
