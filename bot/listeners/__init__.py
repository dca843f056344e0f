"""What Slack calls: parse, one transaction, acknowledge, return.

Slack never sends a command, a click or a submission twice, so the row is committed before the acknowledgement.
Nothing here waits for the model, and the only Slack calls are answers to the person who asked.
"""

from slack_bolt import App

from bot.listeners import (
    asking,
    deciding,
    delivering,
    digesting,
    home,
    leaving,
    menu,
    new_draft,
    ruling,
    shortcuts,
    voicing,
)
from bot.listeners.services import Services

__all__ = ["Services", "register"]


def register(app: App, services: Services) -> None:
    """Connect every listener to the app."""
    # Digesting takes its words before asking does.
    parts = (digesting, asking, new_draft, shortcuts, deciding, delivering, leaving, menu, ruling, home, voicing)
    for part in parts:
        part.register(app, services)
