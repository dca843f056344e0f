"""Microsoft Teams as a second surface.

Nothing is decided or said here. What Teams sends is turned into the payloads that the listeners read (`payloads.py`),
what they show is turned into Adaptive Cards (`adaptive.py`), and the calls that they and the poster make are answered
by Teams (`client.py`). So no rule, query or sentence exists twice.
"""
