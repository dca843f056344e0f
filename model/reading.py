"""How a text reads: its sentences, its school grade, its language. Estimates good enough to warn by."""

import re

SENTENCE = re.compile(r"[^\n]+?(?:[.!?…]+[\"')\]”’]*(?=\s|$)|$)", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SILENT = re.compile(r"(?:[^aeiouyl]e|[^aeiouytd]ed|[^aeiouyszxc]es)$")
VOWELS = re.compile(r"[aeiouyà-öø-ý]+")
GRADED_WORDS = 20  # fewer say nothing about a reader's school years
FEW_HITS = 4  # everyday words of a language; fewer are names and quotations
CLEARLY = 2  # times as many as of any language that is allowed

EVERYDAY = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the and you your for with that this have are was will can our from not but is it of to in we they at an",
        "de": "und der die das ist nicht ich sie wir mit für ein eine einen auf zu den dem von ihnen ihre haben auch"
        " sind wird bei noch oder sich es im am zum zur als nach wie kann",
        "fr": "le la les et vous nous est pour une des dans que pas sur avec votre merci au du aux en ce cette qui"
        " avons elle il je sont plus si ou par",
        "es": "el los las y usted para una que con por su está nos gracias del como pero muy se lo le al es más si"
        " hemos puede ha en",
        "nl": "de het een en van ik u je we met voor niet dat is op zijn hebben uw wij graag te aan er om ook bij als"
        " naar heeft nog of heb",
    }.items()
}
NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "nl": "Dutch"}


def sentences(text: str) -> list[str]:
    """The sentences of a text, line ends counting as their ends."""
    return [found for match in SENTENCE.finditer(text) if (found := match[0].strip())]


def syllables(word: str) -> int:
    """How many there are about: groups of vowels, a silent e at the end left out."""
    plain = word.lower()
    groups = len(VOWELS.findall(plain))
    return max(1, groups - 1 if SILENT.search(plain) else groups)


def grade(text: str) -> float | None:
    """School years that English text asks of a reader, after Flesch and Kincaid; None for a handful of words."""
    words = WORD.findall(text)
    if len(words) < GRADED_WORDS:
        return None
    count = len(sentences(text))
    return 0.39 * len(words) / count + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def other_language(text: str, allowed: tuple[str, ...]) -> str | None:
    """The language that the text is clearly written in where that is none of those allowed."""
    words = [word.lower() for word in WORD.findall(text)]
    hits = {language: sum(word in everyday for word in words) for language, everyday in EVERYDAY.items()}
    most = max(hits, key=lambda language: hits[language])
    least = max(FEW_HITS, CLEARLY * max((hits[language] for language in allowed), default=0))
    return most if most not in allowed and hits[most] >= least else None
