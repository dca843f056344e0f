"""What people and mailboxes write when they answer, in English, German and French.

The patterns are for folded text: lower case, without accents, apostrophes as ', spaces single, a line a
paragraph.
"""

import re
from collections.abc import Iterable


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{phrase})" for phrase in phrases), re.MULTILINE)


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    """The whole text is one of these, please or not."""
    polite = r"(?:please|pls|plz|bitte|svp|merci|thanks|danke|thank you|and|now|hi|hello|hallo|bonjour|s'il vous plait)"
    return re.compile(rf"(?:{polite}\W+)*(?:{'|'.join(words)})(?:\W+(?:me|mich|moi))?(?:\W+{polite})*\W*")


_LIST = r"(?:mailing ?list|e?-?mail ?list|list|verteiler|liste|newsletter|database|datenbank|fichiers?|base)"
_MAILS = r"(?:e-?mails?|messages?|mails?|nachrichten|newsletters?|courriels?|communications?|werbung|spam)"

# Wants no more emails ------------------------------------------------------------------------------------------------

STOP_WORD = _whole(
    (
        r"stop(?: it| this| now)?",
        r"remove|un[ -]?s[ub]{0,3}s?cri[bp]?e?d?|opt(?:ing)?[ -]?out|cancel|delete|(?:take )?off",
        r"abmelden|abbestellen|austragen|loschen|stopp|aufhoren",
        r"de-?s?inscri(?:ption|re|vez)|desabonn(?:er|ement|ez)|retirer|supprimer|arretez",
    )
)
STOP = _any(
    r"\b(?:spamm(?:ing|er|ed)|stop (?:it|this|that)[.!]|(?:withdraw|revoke)\w* (?:my |our |the )?consent"
    r"|not consent)",
    r"\b(?:no more of (?:this|these|it)|enough (?:of (?:this|these)|already))\b|\benough[.!]",
    r"\b(?:not|never|n't|no longer)\b (?:\w+ ){0,3}?(?:hear from you|hear from your)",
    r"n't (?:\w+ ){0,3}?hear from you",
    r"(?:\bnot|\bnever|n't) send (?:me|us) (?:any|more|these|this|further|another|such)\w*",
    r"\bwiderruf\w* (?:\w+ ){0,3}?(?:einwilligung|zustimmung|einverstandnis)|\bunterlass\w*",
    r"\bzieh\w* (?:\w+ )*einwilligung",
    r"\b(?:schick|send)\w* (?:sie |mir |uns |bitte )*(?:nichts|keine \w+) (?:mehr|weiter)",
    r"\bretir\w* (?:mon|notre) (?:consentement|accord)|\bharcel\w*",
    r"\b(?:un-?s[ub]{0,3}s?cri\w+|abmelden|abbestell\w+|desabonn\w+|desinscri\w+)\b",
    rf"\b(?:remov|delet|tak|strik|drop|eras|get)\w* (?:\w+ ){{0,4}}?(?:off|from"
    rf"|out of) (?:\w+ ){{0,4}}?(?:{_LIST}|{_MAILS})\b",
    r"\b(?:remove|delete|erase|take off) (?:me|us|my|our)\b",
    r"\btake (?:me|us|my \w+|our \w+) (?:off|out)\b",
    r"\b(?:want|like) (?:to be )?(?:out|off|removed)\b(?! (?:to|of (?:our|the)) )",
    rf"\b(?:stop|quit|cease) (?:\w+ ){{0,3}}?(?:(?:e-?mail|mail|contact|writ|spamm|messag|send|bother"
    rf"|pester)ing|{_MAILS})\b",
    rf"\b(?:no more|no further|any more|any further) (?:\w+ )?{_MAILS}\b",
    rf"(?:\bno longer|\bnot|\bnever|n't) (?:\w+ ){{0,3}}?(?:receive|get|want) (?:(?!your)\w+ ){{0,3}}?{_MAILS}\b",
    r"\b(?:don'?t|do not|never|please not|not to) (?:ever )?(?:e-?mail|mail|contact|write(?: to)?|message|call)"
    r"(?: (?:to )?(?:me|us))?(?: (?:again|any ?more|any longer)| ?[.!]| ?$)",
    r"\b(?:don'?t|do not|never) (?:e-?mail|mail|contact|message|write to) (?:me|us)\b",
    r"\b(?:don'?t|do not|never) write (?:to (?:me|us) )?(?:again|any ?more)\b",
    r"\bopt(?:ing|ed)? (?:me |us )?out\b|\bopt-out\b",
    r"\bleave (?:me|us) alone\b|\blose my (?:number|address|e-?mail)\b",
    r"\b(?:gdpr|dsgvo|rgpd)\b.*\b(?:delet|eras|losch|supprim|remov)\w*",
    r"\b(?:delet|eras)\w* (?:all )?(?:my|our) data\b",
    # German
    rf"\b(?:aus|von) (?:\w+ ){{0,3}}?(?:{_LIST}|\w*verteiler|\w*liste) (?:\w+ ){{0,2}}?(?:nehm|streich|losch"
    r"|entfern|austrag|raus)\w*",
    rf"\b(?:nehm|streich|losch|entfern|trag)\w* (?:\w+ ){{0,6}}?(?:aus|von) (?:\w+ ){{0,3}}?(?:{_LIST}"
    r"|\w*verteiler|\w*liste)\b",
    r"\b(?:losch|entfern)\w* (?:sie )?(?:bitte )?(?:mich|uns|meine|unsere)\b",
    r"\b(?:meine|unsere) (?:\w+ ){0,2}?(?:daten|adresse|e-?mail-?adresse|mailadresse) (?:\w+ ){0,3}?(?:losch"
    r"|entfern|streich)\w*",
    rf"\bkeine (?:weiteren |weitere )?(?:\w+ )?{_MAILS}(?: \w+)* (?:mehr|bekommen|erhalten|senden|schicken"
    r"|zusenden)\b",
    rf"\bkeine weiteren (?:\w+ )?{_MAILS}\b",
    r"\bnicht (?:mehr|langer|weiter|wieder) (?:\w+ )?(?:kontaktier|anschreib|schreib|kontakt|mail|belastig)\w*",
    r"\b(?:hor|lass)\w* (?:\w+ ){0,3}?(?:auf|ruhe|bleiben)\b.*\b(?:schreib|mail|send|schick|kontaktier)\w*",
    r"\bin ruhe\b",
    r"\b(?:kontaktier|schreib|mail)\w* (?:sie |mich |mir |uns |bitte )*(?:nicht|nie) (?:mehr|wieder)\b",
    r"\bwiderspr\w+\b.*\b(?:daten|werb|nutzung|verwendung|kontakt)\w*|\bwerbewiderspruch\b",
    r"\b(?:melde|trage) (?:mich|uns) (?:\w+ )*(?:ab|aus)\b|\bmelden sie (?:mich|uns) (?:\w+ )*ab\b",
    # French
    rf"\b(?:retir|supprim|enlev|effac|ray)\w*[- ](?:\w+ ){{0,5}}?(?:de|du|des) (?:\w+ ){{0,3}}?(?:{_LIST}"
    rf"|{_MAILS})\b",
    r"\b(?:supprim|effac|retir|enlev|ray)\w*[- ](?:moi|nous|(?:mon|mes|notre|nos) (?:e-?mails?|adresse"
    r"|donnees|nom|contact|coordonnees))\b",
    r"\b(?:mon|notre) (?:adresse|e-?mail) (?:\w+ ){0,3}?(?:supprim|retir|effac)\w*",
    r"\b(?:ne |n')(?:\w+ ){0,3}?(?:plus|jamais) (?:\w+ ){0,2}?(?:recevoir|etre contact\w+|recev\w+)",
    r"\bne (?:me |m'|nous )?(?:contact|ecri|envoy|sollicit|derang)\w*(?: \w+){0,2}? plus\b",
    r"\bne plus (?:me |m'|nous )\w+",
    r"\b(?:arret|cess)\w* (?:de |d')(?:m'|me |nous )?(?:ecri|envoy|contact|spam|sollicit|harcel)\w*",
    rf"\bplus (?:de |d'|aucun )(?:{_MAILS})\b|\blaissez[- ](?:moi|nous) tranquille\b",
)
_ENDING = (
    r"(?:remov|delet|eras|stop|ceas|quit|unsub|opt(?:ing)? out|done with|tired of|off|out of|bother|desist|rid"
    r"|losch|streich|entfern|austrag|raus|abmeld|schluss|verzicht|absehen|unerwunscht|unterlass|beend"
    r"|radie|supprim|otez|retir|enlev|effac|arret|cess|desabon|desinscr|halte)\w*"
)
_REACHING = (
    r"(?:e-?mails?|mails?|mailings?|lists?|listen?|listes|newsletters?|\w*verteiler\w*|werbung|add?ress\w*|database"
    r"|datenbank|data|daten|donnees|envois|fichiers?|entry|mailing|werbemails?|kontaktaufnahme|correspondence"
    r"|follow[- ]?ups?|spam|sollicitations?|courriels?)"
)
STOP_SENTENCE = _any(  # what is to end and that it should, in any words between
    rf"\b{_ENDING}\b[^.!?\n]{{0,60}}?\b{_REACHING}\b",
    rf"\b{_REACHING}\b[^.!?\n]{{0,40}}?\b(?:losch|streich|entfern|unerwunscht|absehen|delet|remov|supprim"
    r"|retir|stop)\w*",
    r"(?<!\w)(?:no|kein\w*|never|aucun\w*)\b(?! (?:data|daten|donnees))(?: (?:more|further|weitere\w*|please"
    rf"|other))* {_REACHING}\b",
    r"(?:\bnot|\bnever|n't)\b (?:\w+ ){0,3}?(?:contacted|bothered|mailed|solicited|bother|pester|disturb)\b",
    r"\bsehen sie\b[^.!?\n]{0,50}\bab\b|\bne (?:plus|pas) (?:me|nous) (?:solliciter|contacter|ecrire)\b",
    r"\bnever (?:signed up|subscribed|registered)\b|\bnie (?:angemeldet|abonniert|eingetragen)\b",
    r"\bjamais (?:inscrite?|abonnee?)\b",
    r"\bhort (?:\w+ )?auf\b|\binutile de (?:me|nous) (?:relancer|recontacter)\b",
    r"\b(?:plus|pas) etre (?:sollicit|contact|relanc)\w*",
    r"^no more[.!]|\b(?:not|n't) reach out (?:any ?more|again)\b|(?:\bnot|n't) follow up\b",
    r"\bi don't get th[eo]se\b",
    r"^(?:please )?unsub\b|\bmake it stop\b",
)
BUSINESS = _any(  # what is to go is something else
    r"\b(?:contract|invoices?|quotes?|clause|paragraph|orders?|proposal|price|trial|migrat\w*|import|backup|rechnung\w*"
    r"|vertrag\w*|angebot\w*|bestellung|factures?|contrat|devis|clause|commande)\b"
)
ABOUT_OTHERS = _any(  # a question about how unsubscribing works for somebody else
    r"\b(?:customers?|clients?|users?|readers?|recipients?|subscribers?|people|someone|they|kunden|nutzer|empfanger|leser"
    r"|utilisateurs?|abonnes|destinataires?)\b"
)

# Is away, or is a machine --------------------------------------------------------------------------------------------

AWAY = _any(
    r"\bout of (?:the )?office\b|\booo\b|\bo\.o\.o\b|\baway from (?:my|the) (?:desk|office|e-?mail|keyboard)\b",
    r"\bon (?:\w+ )?(?:vacation|holidays?|leave|pto|sabbatical)\b",
    r"\b(?:annual|parental|maternity|paternity|sick) leave\b",
    r"\b(?:limited|intermittent|no|sporadic) access to (?:my )?e-?mails?\b",
    r"\bnot (?:reading|checking) (?:my )?e-?mails?\b",
    r"\bi(?: a|')m (?:currently |presently )?(?:away|travell?ing|abroad|off)\b",
    r"\b(?:will be|be) (?:back|returning|away|out)\b|\bi (?:will )?return (?:on|to)\b",
    r"\bback (?:on|in the office)\b",
    r"\b(?:office|we) (?:is|are|will be) closed\b|\breopens?\b",
    r"\bnicht (?:im|in meinem) (?:buro|haus)\b|\babwesend\b|\babwesenheit\w*|\bim urlaub\b|\burlaubs\w*",
    r"\b(?:elternzeit|mutterschutz|dienstreise|geschaftsreise|krankgeschrieben|ausser haus|betriebsferien)\b",
    r"\b(?:wieder|nicht|nur eingeschrankt|schlecht) (?:\w+ )?erreichbar\b|\bmails? nur (?:unregel|spor|ein)\w*",
    r"\b(?:absente?|en conges?|en vacances|en deplacement|hors du bureau|conge (?:maternite|parental|paternite))\b",
    r"\babsence du bureau\b|\ba mon retour\b|\bde retour (?:le|au)\b|\bacces limite a (?:ma|mes)\b",
    r"\bferme\w* (?:pour|du|jusqu)\b",
)
AUTOMATIC_SUBJECT = _any(
    r"^(?:re: ?|aw: ?)?(?:auto(?:matic|mated)?(?:[- ]?(?:reply|response|antwort))?|ooo"
    r"|out of (?:the )?office(?: reply)?|automatische (?:antwort|ruckantwort)"
    r"|abwesenheits\w*|abwesend|reponse automatique|absence du bureau"
    r"|message d'absence|abwesenheit)(?=\s*(?:$|[:–—-]| re\b))"
)
LEFT = _any(
    r"\b(?:no longer|not any ?more) (?:\w+ )?(?:works?|with|at|employed|part of|active|in use|monitored)\b",
    r"\b(?:has|have) left\b|\bleft (?:the )?(?:company|organi[sz]ation|firm|team)\b",
    r"\bnicht mehr (?:\w+ ){0,3}?(?:tatig|beschaftigt|im unternehmen|bei uns|fur)\b",
    r"\bunternehmen verlassen\b|\bausgeschieden\b",
    r"\bne (?:fait|travaille|faisons) plus\b|\ba quitte\b|\bn'est plus (?:\w+ )?(?:en poste|chez|parmi)\b",
)
TICKET = _any(
    r"\b(?:ticket|case|reference|request|vorgang|anfrage|dossier|demande)(?:s?nummer|-?nr\.?| number"
    r"| id)?\W{0,3}(?:#|no\.?|nr\.?|n°|lautet|is)?\s?\W{0,2}\d",
    r"\bwe(?: have|'ve)? received your (?:request|e-?mail|message|enquiry|inquiry)\b|\bthank you for contacting\b",
    r"\bticketnummer\b|\bihre (?:anfrage|nachricht) ist (?:\w+ )*eingegangen\b|\bvielen dank fur ihre anfrage\b",
    r"\bnous avons (?:bien )?recu votre (?:demande|message)\b|\bnumero de (?:ticket|dossier|demande)\b",
    r"\b(?:mailbox|inbox) is (?:not )?monitored\b|\bdo not reply\b|\bne pas repondre\b",
)

# What people think of it ---------------------------------------------------------------------------------------------

NO = _any(
    r"\bnot (?:really |particularly |currently |at all |that |so )?(?:interested|interesting|looking|relevant"
    r"|a (?:good )?(?:fit|priority|match)|for (?:us|me)|ready|needed|necessary|convinced|in the market"
    r"|worth)\b",
    r"\b(?:no|nah|nope),? (?:thanks|thank you|thx|not|we|i)\b",
    r"^(?:no|nope|nah|nein|non)\b\W*(?:$|sorry|merci|danke)",
    r"\b(?:i'?ll|we'?ll|i will|we will|going to|have to|must) (?:have to )?(?:pass|decline|say no|skip)\b",
    r"\bpass on this\b",
    r"\b(?:we|i)(?:'re|'m| are| am) (?:all )?(?:set|good|covered|happy with (?:what|our|the))\b(?! up)",
    r"\b(?:went|gone|going|go) with (?:another|a different|someone|somebody|your competitor|an? (?:other"
    r"|competitor)|the competition)\b",
    r"\b(?:chose|chosen|picked|selected|signed with|decided (?:on|for)) (?:another|a different|someone else"
    r"|an alternative|your competitor)\b",
    r"\b(?:decided|agreed|plan|prefer|going|rather) (?:\w+ )?(?:not to|against|to stay|to keep|to stick"
    r"|to remain|to hold off)\b",
    r"\bagainst (?:it|this|a new)\b",
    r"\b(?:stay|stick|staying|sticking|remain)\w* with (?:our|what|the|my)\b",
    r"\balready (?:have|use|using|got|work with|signed)\b",
    r"\b(?:no|not any|don'?t have (?:the |any )?|without|not in (?:the|our)|lack of|cut(?: the"
    r"| our)?) ?budget\b",
    r"\bno (?:need|interest|point|use for|plans|room|appetite)\b",
    r"\b(?:don'?t|do not|won'?t|will not|doesn'?t|does not|didn'?t|did not|can'?t|cannot) (?:\w+ )?(?:need"
    r"|see (?:the|a|any)|want|think (?:this|it|we)|be (?:moving|going|needing|renewing|continuing|able)|move"
    r"|proceed|renew|work for us|fit|do what|justify|afford|require)\b",
    r"\btoo (?:expensive|pricey|costly|much money|complicated|big|small)\b",
    r"\b(?:out of|above|over|beyond) (?:our )?(?:budget|price range)\b",
    r"\bon (?:hold|ice)\b|\bpostponed?\b",
    r"\b(?:not|isn'?t|aren'?t) (?:a |our |the )?(?:good |right |best )?(?:priority|time|moment|fit|match)\b",
    r"\bbad time\b",
    r"\b(?:circle|check|reach|come) back (?:\w+ )?(?:in|next|after|later)\b.*\b(?:q[1-4]|year|month|quarter"
    r"|spring|summer|autumn|fall)\b",
    r"\bmaybe (?:next|later|another) (?:year|time|quarter)\b",
    r"\bcancel (?:the|our|my|this|it)\b|\bplease cancel\b|\bnot at (?:this|the) (?:time|moment|point)\b",
    r"\bnot (?:right )?now\b|\bno for now\b",
    r"\bunfortunately,? (?:not|no|we (?:can|do|have no|won|will not|decided))",
    # German
    r"\bnein,? (?:danke|leider|wir|ich|das|kein)\b",
    r"\bkein(?:en|e)? (?:\w+ )?(?:interesse|bedarf|budget|verwendung|zeit dafur)\b",
    r"\bnicht (?:\w+ )?(?:interessiert|interessant|relevant|notig|benotigt|gebraucht|geeignet|weiterverfolgen"
    r"|in frage)\b",
    r"\b(?:fur|gegen) (?:einen |ein |eine )?(?:\w+ )?(?:anderen?|andere[sn]?|wettbewerber"
    r"|mitbewerber)\w* (?:anbieter|losung|produkt|partner|dienstleister|tool|software|entschieden)?",
    r"\b(?:dagegen|anders) entschieden\b",
    r"\b(?:zu|zu viel) (?:teuer|kompliziert|aufwandig|gross)\b|\bbleiben (?:\w+ )?(?:bei|beim)\b",
    r"\babsagen?\b|\babsage\b|\bverzichten\b|\bkundig\w*|\bstornier\w*",
    r"\b(?:passt|passe) (?:\w+ ){0,4}?nicht\b|\bpasst (?:\w+ )?(?:gerade|aktuell|leider|momentan) nicht\b",
    r"\b(?:aktuell|derzeit|momentan|gerade|jetzt|im moment|zurzeit) (?:\w+ ){0,3}?(?:nicht|kein\w*)\b",
    r"\bvielleicht (?:im )?(?:nachste[sn]?|spater)\b",
    r"\b(?:haben|nutzen|verwenden) (?:\w+ )?(?:bereits|schon)\b|\bschon (?:etwas|einen|eine)\b",
    r"\bbrauchen (?:wir )?(?:\w+ )?(?:nicht|kein\w*)\b|\bauf eis\b|\bverschoben\b",
    # French
    r"\bnon,? (?:merci|pas|nous|desole)\b",
    r"\bpas (?:du tout |vraiment |tres )?(?:interess\w+|besoin|le (?:bon )?(?:moment|budget)|de (?:budget"
    r"|besoin)|une priorite|pour (?:nous|moi)|suite|convaincu\w*|d'actualite|necessaire|donner suite)\b",
    r"\bne (?:m'|me |nous )\w+(?: \w+)? pas\b|\bce n'est pas (?:\w+ )?(?:pour|le|ce que)\b",
    r"\baucun (?:interet|besoin|budget)\b",
    r"\b(?:choisi|retenu|opte pour|signe avec|pris) (?:une?|un) autre\b",
    r"\bautre (?:solution|prestataire|fournisseur|offre)\b",
    r"\b(?:deja|actuellement) (?:un|une|equipe\w*|client\w*)\b",
    r"\b(?:trop|tres) (?:cher|chere|couteux|couteuse|complique\w*)\b",
    r"\b(?:on|nous) (?:restons|reste|gardons|garde|preferons|prefere|avons decide de ne)\b",
    r"\bne (?:\w+ ){0,3}?pas suite\b|\brefus\w*|\bannul\w*|\breport\w* (?:le projet|a l'an)\b",
    r"\bprojet (?:\w+ )*(?:suspendu|gele|reporte)\b|\b(?:peut-etre|plutot) (?:l'an|plus tard|l'annee)\b",
)
_TIME = (
    r"(?:(?:mon|tues|wednes|thurs|fri)day|tomorrow|next week|\d|noon|the week|later|montag|dienstag|mittwoch|donnerstag"
    r"|freitag|morgen|nachste\w*|lundi|mardi|mercredi|jeudi|vendredi|demain|la semaine)"
)
ANOTHER_TIME = _any(  # a no to the time, not to the matter
    rf"\b(?:how|what) about (?:\w+ ){{0,2}}?{_TIME}",
    r"\b(?:another|a different|some other) (?:day|time|slot)\b|\breschedul\w*",
    r"\b(?:next|following) week (?:is|works|would|instead)\b|\binstead\b",
    r"\bmove (?:it|the call|our call|the meeting) to\b",
    rf"\bwie (?:ware|sieht) es (?:\w+ ){{0,3}}?{_TIME}|\blieber (?:am|um|nachste)\b|\bverschieben auf\b",
    r"\bstattdessen\b|\beher (?:am|um)\b|\bginge (?:auch|es)\b",
    r"\bplutot (?:le |lundi|mardi|mercredi|jeudi|vendredi|la semaine)\b|\bdecaler\b",
    r"\bun autre (?:jour|moment|creneau)\b",
)
YES = _any(
    r"^\W*(?:yes|yep|yeah|yup|sure|ok(?:ay)?|absolutely|definitely|of course|certainly|gladly|perfect|great"
    r"|deal|agreed|ja|gern|gerne|klar|natürlich|naturlich|oui|volontiers|d'accord|parfait|bien sur|super|top"
    r"|prima)\b",
    r"\b(?:sounds|looks|seems) (?:\w+ )?(?:good|great|perfect|interesting|fantastic|like a plan|fine"
    r"|reasonable|right)\b",
    r"\b(?:love|glad|happy|keen|eager|excited|pleased|delighted|like) to (?:\w+ )?(?:see|chat|talk|meet|hear"
    r"|join|discuss|try|learn|continue|go|have|get|do|jump|take|set|schedule|book|move|start|speak|connect"
    r"|explore|proceed|sign)\b",
    r"\b(?:let'?s|lets) (?:\w+ )?(?:do|talk|schedule|go|meet|set|book|chat|speak|start|try|move|catch|connect"
    r"|sign|get|plan|find|hop|jump|use|make|proceed)\b",
    r"\b(?:we|i)(?:'re|'m| are| am) (?:\w+ )?(?:in|interested|keen|on board|up for|ready|game)\b",
    r"\b(?:count|sign) (?:us|me) (?:in|up)\b|\bplease do\b|\bgo ahead\b|\bgood timing\b|\bperfect timing\b",
    r"\bvery interested\b",
    r"\bwould be (?:really |very |super )?(?:great|helpful|useful|good|lovely|perfect|interested)\b",
    r"\b(?:works|work|suits|fine|good|free|available|ok) (?:\w+ )?(?:for|with|on|at) (?:me|us|my|our|monday"
    r"|tuesday|wednesday|thursday|friday|\d)\b",
    r"\b(?:monday|tuesday|wednesday|thursday|friday|tomorrow|\d ?(?:am|pm)"
    r"|\d{1,2}:\d\d) (?:\w+ ){0,3}?(?:works|is fine|is good|is great|suits|is perfect|it is|would (?:work"
    r"|be))\b",
    r"\bi(?:'m| am|'d be) (?:\w+ )?(?:in|free|available|open|around) (?:on|at|from|between|next|tomorrow"
    r"|monday|tuesday|wednesday|thursday|friday)\b",
    r"\bsee you (?:on|at|then)\b|\b(?:calendar|diary|schedule) is (?:\w+ )?open\b",
    r"\b(?:talk|speak) (?:then|soon|to you (?:on|then))\b",
    r"\b(?:send|share|shoot|forward) (?:me |us |over |through |along |it )*(?:an? |the |your "
    r"|some )?(?:\w+ )?(?:invite|invitation|contract|proposal|quote|agreement|calendar|link|times|slots"
    r"|details|paperwork|deck|info\w*|material|it over|order form)\b",
    r"\bwhere do i sign\b|\bbook(?:ed)? (?:a|the|it|me)\b|\bset (?:it|that|this|something) up\b",
    r"\bgive me a (?:call|ring)\b|\bcall me\b",
    r"\bcan you do (?:monday|tuesday|wednesday|thursday|friday|tomorrow|next)\b",
    # German
    r"\b(?:klingt|hort sich|sieht) (?:\w+ ){0,2}?(?:gut|super|interessant|spannend|toll|prima)\b",
    r"\b(?:passt|past)\b(?! (?:\w+ )*nicht)|\b(?:sehr |wirklich )?gerne?\b|\beinverstanden\b",
    r"\bmachen wir\b|\b(?:bin|sind|ware\w*) (?:\w+ )?(?:dabei|interessiert)\b",
    r"\b(?:haben|habe|hatte\w*) (?:\w+ )?(?:interesse|zeit)\b",
    r"\binteresse (?:haben|hatten|besteht|ist da)\b|\bfreue? (?:mich|n uns)\b|\brufen sie (?:mich|uns)\b",
    r"\b(?:senden|schicken|lassen) sie (?:mir|uns) (?:\w+ )*(?:vertrag|angebot|termin\w*|einladung|unterlagen"
    r"|link|zu|details|infos?)\b",
    r"\btermin (?:vereinbaren|machen|ausmachen|finden|passt)\b",
    r"\b(?:montag|dienstag|mittwoch|donnerstag|freitag) (?:\w+ ){0,4}?(?:passt|geht|ist gut|ist super|gut|ok"
    r"|klappt)\b",
    r"\bkonnen wir (?:so )?machen\b",
    # French
    r"\b(?:avec (?:grand )?plaisir|volontiers|d'accord|entendu|parfait|ca marche|allons-y|banco|tres bien"
    r"|bonne idee)\b",
    r"\b(?:je suis|nous sommes|serais|serions|suis) (?:\w+ )?(?:interess\w+|disponibles?|partants?|partante"
    r"|preneurs?|dispo)\b",
    r"\b(?:m'|nous |vous )interesse\b|\bok pour\b|\b(?:me|nous) (?:convient|va|conviendrait)\b",
    r"\b(?:envoyez|appelez|rappelez|contactez)[- ](?:moi|nous)\b(?!.*\bplus\b)",
    r"\b(?:pouvons|pourrions|peut)[- ](?:nous|on) (?:\w+ )*(?:parler|en parler|discuter|prevoir|fixer"
    r"|nous voir|convenir)\b",
    r"\b(?:lundi|mardi|mercredi|jeudi|vendredi) (?:\w+ ){0,4}?(?:convient|me va|c'est bon|parfait|ok)\b",
    r"\bprenons (?:un )?rendez-vous\b|\bhate de\b",
)
DEFERS = _any(  # passes it on or puts off the answer, and so says neither
    r"\b(?:forward(?:ed|ing)?|pass(?:ed|ing)?) (?:\w+ ){0,3}?(?:to|on|along)\b",
    r"\b(?:get|come|circle) back to you\b|\blet me (?:check|ask|think|discuss|talk to|speak|see|run)\b",
    r"\b(?:should|could|best|better) (?:\w+ ){0,2}?(?:speak|talk|contact|reach|ask|write)\b",
    r"\bwrong (?:person|\w+)\b|\bcop(?:ied|ying)\b|\bsuccessor\b|\bgot it\b|\breceived\b|\bnoted\b",
    r"\bwill (?:read|look|review|have a look|take a look)\b|\bleft the company\b",
    r"\bnot the right (?:person|contact)\b",
    r"\b(?:leite|gebe|reiche) (?:\w+ ){0,3}?weiter\b|\bweitergeleitet\b|\bmelde mich\b|\bmelden uns\b",
    r"\bnicht der richtige\b|\bnicht zustandig\b|\bwenden sie sich\b|\bbespreche\w*\b|\babstimmen\b",
    r"\bdanke fur die (?:info|nachricht|ruckmeldung)\b|\berhalten, danke\b|\bzur kenntnis\b",
    r"\bkomme (?:\w+ )*zuruck\b",
    r"\b(?:je|nous) (?:\w+ )?(?:transmets|transmettons|transfere|fais suivre|vous tiens|reviens|reviendrons"
    r"|revenons)\b",
    r"\bbien recu\b|\bpas la bonne personne\b|\b(?:en parle|en discute|vois avec|voir avec)\b",
    r"\badressez-vous\b",
)
ASKS = _any(
    r"\?",
    r"^\W*(?:what|how|when|where|which|who|why|whose|is|are|do|does|did|can|could|would|will|was|wie|was|wann"
    r"|wo|welche\w*|wer|warum|wieso|gibt|kann|konnen|konnten|haben|ist|sind|combien|quel\w*|comment|quand|ou"
    r"|pourquoi|est-ce|pouvez|pourriez|avez|y a-t-il|qui)\b",
    r"\b(?:quick |one |another )?question\b|\beine? (?:kurze )?frage\b|\bune question\b",
    r"\b(?:wondering|curious) (?:if|how|what|whether|about)\b|\b(?:tell|explain|clarify) (?:me|us)?\b",
    r"\bkonnen sie mir sagen\b|\bpourriez-vous\b|\bwusste gern\b|\bj'aimerais savoir\b",
    r"\b(?:need|like|want) to (?:know|understand)\b|\bwhat'?s (?:the|your)\b",
)

# Did not arrive ------------------------------------------------------------------------------------------------------

MAILER = re.compile(r"mailer-?daemon|postmaster|mail delivery (?:system|subsystem)|mailadmin|microsoftexchange")
NOT_DELIVERED = _any(
    r"\b(?:could not|couldn't|cannot|can't|was not|wasn't|unable to|not able to) (?:be )?deliver(?:ed)?\b",
    r"\bdelivery (?:has )?failed\b",
    r"\bundeliver\w+|\bfailure notice\b|\breturned mail\b|\bdelivery status notification\b",
    r"\bunzustellbar\b|\bnicht zugestellt\b|\bnon remis\b|\bdelayed mail\b",
    r"\bn'a pas (?:pu etre|ete) (?:remis|distribue)\w*",
)
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d[ -]")
