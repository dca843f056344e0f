"""What a closed card says of where its email went, and what can still be done about it."""

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline
from bot.cards.ids import DELIVER_AGAIN, DELIVERY_BLOCK, UNDO, Ticket
from storage.tables import Delivery, DeliveryStatus

SENDING = "It is going out right now."
UNDONE = "Undone. Nothing has gone out; the draft waits for a decision again."


def delivery(row: Delivery | None, ticket: Ticket) -> list[Block]:
    """Where the email stands, with a button for what the server would still accept."""
    if row is None:  # decided before emails left by themselves
        return []
    buttons = [*_again(row, str(ticket)), *_undo(row, str(ticket))]
    shown = [bk.section(said(row))]
    return [*shown, bk.actions(DELIVERY_BLOCK, buttons)] if buttons else shown


def said(row: Delivery) -> str:
    """Where the email stands, in words."""
    why = inline(row.error, 600)
    match row.status:
        case DeliveryStatus.sent:
            return f"{inline(row.place, 300)}."
        case DeliveryStatus.failed:
            return f"*{'It has not gone out.' if row.via is None else 'Please look whether it went out.'}* {why}"
        case DeliveryStatus.withdrawn:
            return f"*It did not go out.* {why or 'Somebody took it back.'}"
        case DeliveryStatus.unknown:
            return (
                f"*Please look whether it went out.* {why} It is not sent a second time;"
                " if it is not in your sent mail, copy it from here."
            )
        case DeliveryStatus.sending:
            return SENDING
        case _:
            waiting = "It goes out in a few seconds. Until then you can take it back."
            return f"It has not gone out yet: {why} It is tried again." if why else waiting


def not_undone(row: Delivery | None) -> str:
    """To somebody who wanted to take back what has left."""
    if row is not None and row.status == DeliveryStatus.sent:
        return f"Too late to undo, sorry: it has gone out. {said(row)}"
    return "Too late to undo, sorry: it is going out or may have gone out already. The card says how it ends."


def _undo(row: Delivery, value: str) -> list[Block]:
    kept_back = row.status in (DeliveryStatus.waiting, DeliveryStatus.failed) and row.via is None
    return [bk.button("Undo", UNDO, value)] if kept_back else []


def _again(row: Delivery, value: str) -> list[Block]:
    return [bk.button("Deliver again", DELIVER_AGAIN, value)] if row.status == DeliveryStatus.failed else []
