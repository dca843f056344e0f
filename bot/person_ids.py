"""What the ids of people look like, in Slack and in Entra. The ids of Teams' local client have one digit more."""

SLACK = r"[UW][A-Z0-9]{2,}"
ENTRA = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12,13}"
PERSON = rf"(?:{SLACK}|{ENTRA})"
