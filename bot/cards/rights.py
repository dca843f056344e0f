"""Why somebody may not do something. Plain text, since Slack shows it under a field of a modal as well."""

_ASK = "Ask a full member of this workspace."

UNKNOWN = (
    "I could not find out who you are, so I cannot tell whether you may do this. Please try again in a moment;"
    " if it goes on, ask your admin to look into Afterword's log."
)
OUTSIDE = {
    "guest": f"Guests cannot use Afterword, because it shows customers' data. {_ASK}",
    "external": "You belong to another organisation, and only people of this workspace can use its Afterword.",
    "deactivated": f"Your account here is deactivated, so nothing was changed. {_ASK}",
    "bot": f"Only people can use Afterword. {_ASK}",
}
UNKNOWN_LIST = {
    "group": (
        "I could not find out who is in the user group that may do this, so nothing was changed. Please try again in"
        " a moment; if it goes on, ask your admin to look into Afterword's log."
    ),
    "channel": (
        "I could not find out who is in this channel, so nothing was changed. Please try again in a moment;"
        " if it goes on, ask your admin to look into Afterword's log."
    ),
}
NOT_INSTALLED = (
    "Afterword is not installed in your workspace, or was removed from it, so nothing was changed."
    " An admin of your workspace can install it."
)
ADMINS_ONLY = "Only Afterword's admins can do this. Ask one of them."
NAMED_ONLY = "Only those named in AFTERWORD_ADMINS can send what a check blocks. Ask one of them."
FOUR_EYES = "You asked for this draft, so somebody else has to approve it. You can still discard it or try again."

drafters = {
    "people": "In this workspace only some people may ask for drafts. Ask your admin to add you.",
    "group": "In this workspace only one user group may ask for drafts. Ask your admin to add you to it.",
}
approvers = {
    "people": "In this workspace only some people decide about drafts. Ask one of them to look at this one.",
    "group": "In this workspace only one user group decides about drafts. Ask somebody in it to look at this one.",
    "channel": "Only members of the channel that a draft was posted in decide about it. Join it and press again.",
}
