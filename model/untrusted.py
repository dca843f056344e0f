"""What came from outside is data: nothing in it may steer the model, fill a slot or deceive a reader's eye."""

import re

# Characters that nobody sees: control, soft hyphen, zero width, bidi, fillers, variation selectors, tags, lone halves.
# The two selectors that choose between a letter and its emoji stay.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
# What begins and ends a turn in the chat templates that people are likely to run, and what we write ourselves.
STEERING = re.compile(
    r"<[|｜][^<>|｜\n]{0,60}[|｜]>|<[|｜]|[|｜]>"
    r"|</?(?:s|bos|eos|pad|unk|think|tool_call|tool_response|start_of_turn|end_of_turn|system|user|assistant)>"
    r"|<(?:repo_?name|file_sep|filename|gh_stars|issue_\w+|jupyter_\w+|empty_output)>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>"
    r"|\{{2,}|\}{2,}|`{3,}|~{3,}",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """The text without the characters that nobody sees; its lines stay."""
    return INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """The text as one line of words: nothing invisible, no turn of a chat template, no slot, no code fence.

    Ordinary text with single spaces comes back unchanged, and `plain(plain(text)) == plain(text)`. What is taken out
    leaves a space, so that no two halves can meet.
    """
    return " ".join(STEERING.sub(" ", visible(text)).split())
