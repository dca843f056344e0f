"""Everything else a reviewer should know of a draft: words, forms, sizes, links, required lines, hidden characters.

What the voice and the playbook do not set is not checked. What must not leave blocks, what is a matter of style warns.
"""

import re
from collections.abc import Iterable, Iterator

from model.brief import Brief
from model.edit_rate import loops, words
from model.findings import Finding, Severity
from model.hidden import invisible, slack_markup
from model.letter import Letter, letter
from model.links import astray, disguised
from model.playbook import Playbook
from model.reading import NAMES, grade, other_language, sentences
from model.rules import broken, form, greeting_form, phrase_pattern
from model.slots import SLOT, fill, slotted
from model.voice import Rule, Voice

LOUD_WORD = re.compile(r"(?<![\w./@-])[^\W\d_]{2,}(?![\w/@]|\.\w)")  # none inside a link
LOUD_MARKS = re.compile(r"![!?]+")
LOUD_LETTERS = 4  # a shorter word in capitals is an abbreviation
LOUD_ALONE = 6  # one word in capitals that is as long as that shouts by itself
EXCLAMATIONS = 3
QUESTION = re.compile(r"\?+(?=[\"')\]”’]*(?:\s|$))")
INFLECTED = 5  # letters of a claim's word from which its forms count too
SPAM = tuple(
    phrase_pattern(text)
    for text in (
        "act now",
        "apply now",
        "buy now",
        "order now",
        "call now",
        "click here",
        "click below",
        "limited time",
        "limited offer",
        "offer expires",
        "special promotion",
        "once in a lifetime",
        "last chance",
        "don't miss out",
        "while supplies last",
        "what are you waiting for",
        "100% free",
        "free money",
        "earn money",
        "make money",
        "extra cash",
        "double your",
        "no strings attached",
        "you have been selected",
        "you are a winner",
        "dear friend",
        "this is not spam",
        "urgent response",
    )
)
DOLLARS = re.compile(r"\${2,}")


def checks(subject: str, body: str, brief: Brief, voice: Voice, playbook: Playbook) -> list[Finding]:
    """What is wrong with the words of an email, whoever wrote them."""
    own = _without_required(body, brief, voice, playbook)  # what is required is not held against its author
    text = f"{subject}\n\n{own}"
    blocking = [
        *_hidden(subject, body),
        *_links(f"{subject}\n\n{body}", brief, voice),
        *_required(body, brief, voice, playbook),
        *_forbidden(text, brief, voice, playbook),
    ]
    if not own:
        return blocking
    forms = _Forms(brief, voice)
    parts = forms.letter(own)
    return [
        *blocking,
        *_terms(text, brief, voice),
        *forms.findings(parts),
        *_sizes(subject, own, fill(parts.middle, brief)[0], voice),
        *_noise(subject, own, brief, voice),
    ]


def _block(rule: str, reason: str, span: str = "", evidence: str = "") -> Finding:
    return Finding(rule, Severity.block, reason, span, evidence)


def _warn(rule: str, reason: str, span: str = "", evidence: str = "") -> Finding:
    return Finding(rule, Severity.warn, reason, span, evidence)


# What must not leave ------------------------------------------------------------------------------------------------


def _hidden(subject: str, body: str) -> Iterator[Finding]:
    for code in dict.fromkeys([*invisible(subject, lines=False), *invisible(body)]):
        yield _block("invisible", f"There is a character that nobody sees ({code}). Type that passage again.", code)
    for markup in dict.fromkeys([*slack_markup(subject), *slack_markup(body)]):
        yield _block("slack_markup", f"“{markup}” would notify people or hide a link in Slack. Take it out.", markup)


def _links(text: str, brief: Brief, voice: Voice) -> Iterator[Finding]:
    for link in disguised(text):
        yield _block("link", f"“{link}” leads elsewhere than its words say. Write the address itself.", link)
    names = [voice.company, *([brief.company.name] if brief.company else [])]
    allowed = ", ".join(voice.links)
    for link in astray(text, voice.links, names) if voice.links else ():
        reason = f"“{link}” leads to a place that the voice does not allow. Link to {allowed}, or take it out."
        yield _block("link", reason, link, allowed)


def _required(body: str, brief: Brief, voice: Voice, playbook: Playbook) -> Iterator[Finding]:
    for line in playbook.must_say:
        said = fill(line, brief)[0].strip()
        if not _loose(said).search(body):
            yield _block("must_say", f"“{playbook.title}” has to say: “{said}” Put it in.", evidence=said)
    for name in ("footer", "address") if playbook.footer else ():
        line = getattr(voice, name).strip()
        if not line:
            yield _warn(name, f"“{playbook.title}” wants the {name}, but the voice has none. Add `{name}` to it.")
        elif not _loose(line).search(body):
            yield _block(name, f"The {name} is missing. Put it below the sign-off: “{line}”", evidence=line)


def _forbidden(text: str, brief: Brief, voice: Voice, playbook: Playbook) -> Iterator[Finding]:
    for pattern, why in playbook.must_not_say.items():
        if match := re.search(pattern, _one_line(text), re.IGNORECASE):
            remedy = why or "Say it in another way or leave it out."
            reason = f"“{match[0]}” must not stand in “{playbook.title}”. {remedy}"
            yield _block("must_not_say", reason, match[0], pattern)
    allowed = [*voice.claims_allowed, *playbook.claims]
    for claim in voice.claims_forbidden:
        longer = [other for other in allowed if len(other) > len(claim) and _claim(claim).search(other)]
        if match := _claim(claim).search(_blanked(text, map(_claim, longer))):
            reason = f"“{match[0]}” is a claim that the voice forbids. Take it out."
            yield _block("forbidden_claim", reason, match[0], claim)


# What is a matter of style ------------------------------------------------------------------------------------------


def _terms(text: str, brief: Brief, voice: Voice) -> Iterator[Finding]:
    plain = slotted(text, brief)  # a customer may be called like a banned term
    for term in voice.banned:
        if found := broken(plain, Rule("delete", term)):
            yield _warn("banned", f"“{found}” is a term that the voice bans. Leave it out.", found, term)
    for old, new in voice.replace.items():
        if found := broken(plain, Rule("replace", old, new)):
            yield _warn("replace", f"The voice says “{new}” instead of “{found}”. Change it.", found, new)
    harmless = _blanked(plain, map(phrase_pattern, voice.claims_allowed))
    for pattern in (*SPAM, DOLLARS):
        if match := pattern.search(harmless):
            yield _warn("spam", f"“{match[0]}” makes mail filters suspicious. Say it plainly.", match[0])


class _Forms:
    """How the voice greets and closes, as it stands in a slotted email to this customer."""

    def __init__(self, brief: Brief, voice: Voice) -> None:
        self._brief = brief
        self._openers = voice.openers
        greetings = _with_ruled(voice.greetings, voice, "greeting")
        nameless = [] if brief.contact.first_name else [SLOT.sub("there", one) for one in greetings]
        self._greetings = [*(greeting_form(one, brief) for one in greetings), *nameless]
        closings = [form(one, brief) for one in _with_ruled(voice.sign_offs, voice, "sign_off")]
        self._sign_offs = list(filter(None, closings))

    def letter(self, body: str) -> Letter:
        plain = slotted(body, self._brief)
        greeting = next((one for one in self._greetings if plain.startswith(one)), "")
        sign_off = next((one for one in self._sign_offs if plain.endswith(one)), "")
        return letter(plain, greeting=greeting, sign_off=sign_off)

    def findings(self, parts: Letter) -> Iterator[Finding]:
        yield from self._of("greeting", "begin", "greeting", parts.greeting, self._greetings)
        yield from self._of("sign_off", "close", "sign-off", parts.sign_off, self._sign_offs)
        start = parts.middle.lstrip(" \t\n“\"'")
        for opener in self._openers:
            if match := phrase_pattern(opener.rstrip(".!,")).match(start):
                yield _warn("opener", f"“{match[0]}” is no way to begin. Start with the point.", match[0], opener)

    def _of(self, rule: str, verb: str, name: str, found: str, allowed: list[str]) -> Iterator[Finding]:
        if allowed and _one_line(found) not in map(_one_line, allowed):
            example = fill(_one_line(allowed[0]), self._brief)[0]
            shown = fill(found.strip(), self._brief)[0]
            problem = f"The voice does not {verb} with “{_one_line(shown)}”" if shown else f"The {name} is missing"
            yield _warn(rule, f"{problem}. Write “{example}”.", shown, example)


def _with_ruled(forms: tuple[str, ...], voice: Voice, kind: str) -> list[str]:
    """The voice's forms; where it has any, a rule about the same is one more."""
    return [*forms, *(rule.new for rule in voice.rules if rule.kind == kind)] if forms else []


def _sizes(subject: str, body: str, middle: str, voice: Voice) -> Iterator[Finding]:
    most = voice.length
    yield from _too_long("length", "The email", len(words(body)), most.words, "Leave something out")
    yield from _too_long("subject_length", "The subject", len(words(subject)), most.subject_words, "Shorten it")
    longest = max(sentences(middle), key=lambda one: len(words(one)), default="")
    found = _too_long("sentence_length", "A sentence", len(words(longest)), most.sentence_words, "Make two of it")
    yield from (Finding(one.rule, one.severity, one.reason, longest, one.evidence) for one in found)
    reached = grade(middle) if voice.reading_grade else None
    if voice.reading_grade and reached is not None and reached > voice.reading_grade:
        reason = f"It reads like school year {reached:.0f}; the voice stays at {voice.reading_grade:g}."
        yield _warn("reading_grade", f"{reason} Use shorter words and sentences.", evidence=f"{voice.reading_grade:g}")


def _too_long(rule: str, what: str, count: int, most: int | None, remedy: str) -> Iterator[Finding]:
    if most is not None and count > most:
        yield _warn(rule, f"{what} has {count} words; the voice wants at most {most}. {remedy}.", evidence=str(most))


def _noise(subject: str, body: str, brief: Brief, voice: Voice) -> Iterator[Finding]:
    if loud := _shouting(subject, body, brief, voice):
        yield _warn("shouting", f"“{loud}” shouts. Write it quietly.", loud)
    if (twice := _twice(body)) and not loops(body):  # which has a finding of its own
        yield _warn("repetition", "A sentence stands there twice. Leave one out.", twice)
    asked = QUESTION.findall(body)
    if voice.one_question and len(asked) > 1:
        yield _warn("one_question", f"It asks {len(asked)} questions; the voice asks one. Keep the one that counts.")
    if voice.languages and (other := other_language(body, voice.languages)):
        wanted = " or ".join(NAMES[one] for one in voice.languages)
        yield _warn("language", f"This is {NAMES[other]}; the voice writes {wanted}. Write it anew.", evidence=wanted)


def _shouting(subject: str, body: str, brief: Brief, voice: Voice) -> str:
    """Marks or capitals that are loud, and neither a name nor an abbreviation."""
    text = f"{subject}\n\n{body}"
    if match := LOUD_MARKS.search(text):
        return match[0]
    known = set(LOUD_WORD.findall(f"{brief.model_dump_json()} {voice.company} {voice.what_we_do}"))
    loud = [word for word in LOUD_WORD.findall(text) if word.isupper() and word not in known]
    long = [word for word in loud if len(word) >= LOUD_LETTERS]
    if len(long) > 1 or any(len(word) >= LOUD_ALONE for word in long):
        return long[0]
    return "!" if text.count("!") >= EXCLAMATIONS else ""


def _twice(body: str) -> str:
    seen: set[str] = set()
    for sentence in sentences(body):
        plain = " ".join(re.findall(r"\w+", sentence.casefold()))
        if plain.count(" ") >= 2 and plain in seen:
            return sentence
        seen.add(plain)
    return ""


# Reading a text -----------------------------------------------------------------------------------------------------


def _without_required(body: str, brief: Brief, voice: Voice, playbook: Playbook) -> str:
    """The body without the lines that playbook and voice put there."""
    lines = [fill(line, brief)[0] for line in playbook.must_say]
    lines += [voice.footer, voice.address] if playbook.footer else []
    for line in filter(str.strip, lines):
        body = _loose(line.strip()).sub("", body)
    return body.strip()


def _loose(line: str) -> re.Pattern[str]:
    """The line in any case, with either apostrophe, wrapped wherever."""
    parts = ["['’]".join(map(re.escape, re.split("['’]", part))) for part in line.split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", re.IGNORECASE)


def _claim(phrase: str) -> re.Pattern[str]:
    """A claim in any case, wrapped wherever, with the forms that its longer words take."""
    parts = re.findall(r"\w+", phrase)
    forms = [re.escape(part) + ("(?:e?s|e?d|ing)?" if len(part) >= INFLECTED else "") for part in parts]
    return re.compile(r"(?<!\w)" + r"[\W_]{1,3}".join(forms) + r"(?!\w)", re.IGNORECASE)


def _blanked(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())
