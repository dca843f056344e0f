"""What Slack calls: parse, one transaction, acknowledge, return.

Slack never sends a command, a click or a submission twice, so the row is committed before the acknowledgement.
Nothing here waits for the model, and the only Slack calls are answers to the person who asked.
"""

from slack_bolt import App

from bot.listeners import asking, deciding, digesting, home, ruling, voicing
from bot.listeners.services import Services

__all__ = ["Services", "register"]


def register(app: App, services: Services) -> None:
    """Connect every listener to the app."""
    for part in (digesting, asking, deciding, ruling, home, voicing):  # digesting takes its words before asking does
        part.register(app, services)
