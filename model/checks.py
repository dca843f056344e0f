"""Everything else a reviewer should know of a draft: style, links, disclaimers, language, loops."""

from model.brief import Brief
from model.findings import Finding
from model.playbook import Playbook
from model.voice import Voice


def checks(subject: str, body: str, brief: Brief, voice: Voice, playbook: Playbook) -> list[Finding]:
    return []
