"""To people whose click on learning changed nothing. What holds stands below it in their Home."""

ROLLED_BACK_ALREADY = (
    "Another adapter serves by now, so nothing was rolled back. Look at what serves, and decide again."
)
PAUSED_ALREADY = "Learning was paused already."
RESUMED_ALREADY = "Learning goes on already."
REFINE_PAUSED = "Learning is paused, so no training was started. Resume it first."
REFINE_REFUSED = "A training runs already, so no other one was started. Its verdict is posted when it ends."
