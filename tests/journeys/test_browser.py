"""A person in a browser: types the command, reads the card, edits, approves. Also takes the README's pictures.

The pictures are written when AFTERWORD_PICTURES names a folder (`make pictures`).
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, expect, sync_playwright
from playwright.sync_api import Page as Tab

from bot.emulator import LOOPBACK
from bot.emulator_page import Page, mended
from storage import queries
from storage.tables import Status, Verdict
from tests.emulator import WAIT_SECONDS, Journey, journey
from tests.running import free_port, until

ASK = "/draft-followup Joost Hendriks confirm next steps"
LARGEST_PICTURE = 300_000
DRAFTED = WAIT_SECONDS * 1000
VERSIONS = 8  # a base model that was never trained invents things; one of so many versions does not


@pytest.fixture(scope="module")
def going(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with journey(tmp_path_factory.mktemp("browser") / "home") as started:
        if os.environ.get("AFTERWORD_PICTURES"):  # the README shows what a trained adapter writes
            command = [sys.executable, "-m", "bot", "refine", "--force", "--minutes", "5"]
            subprocess.run(command, env=started.environment, check=True, timeout=3600)
        yield started


@pytest.fixture(scope="module")
def address(going: Journey) -> Iterator[str]:
    """The page as the demo serves it."""
    emulator = f"{LOOPBACK}:{going.workspace.port}"
    with urlopen(f"http://{emulator}/", timeout=10) as answer:
        original = answer.read().decode("utf-8")
    page = Page(mended(original, emulator=emulator, hint=ASK), port=free_port())
    page.start()
    yield page.address
    page.stop()


@pytest.fixture(scope="module")
def tab(address: str) -> Iterator[Tab]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine; on Debian: apt install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1120, "height": 860}, device_scale_factor=1)
        tab.goto(address)
        expect(tab.get_by_text("connected", exact=True)).to_be_visible()
        yield tab
        browser.close()


def picture(tab: Tab, name: str) -> None:
    """Keep what is on the screen for the README, if pictures were asked for."""
    if folder := os.environ.get("AFTERWORD_PICTURES"):
        path = Path(folder) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        tab.mouse.move(0, 0)  # no message lit up by the pointer
        tab.screenshot(path=path)
        assert path.stat().st_size < LARGEST_PICTURE, f"{path} is too large for a README"


def ask(tab: Tab, text: str = ASK) -> None:
    """Type a command and wait for a card with buttons, below everything else."""
    open_cards = tab.get_by_role("button", name="Edit", exact=True).count()
    composer = tab.locator("textarea.composer-input")
    composer.fill(text)
    composer.press("Enter")
    expect(tab.get_by_role("button", name="Edit", exact=True)).to_have_count(open_cards + 1, timeout=DRAFTED)
    tab.get_by_role("button", name="Why this text", exact=True).last.scroll_into_view_if_needed()


def pick(card: Locator, entry: str) -> None:
    """An entry of the menu; the emulator draws it as a select."""
    card.locator("select.bk-overflow").select_option(label=entry)


def again(tab: Tab, card: Locator, going: Journey) -> None:
    """Have another version written, as this one may not go out as it is."""
    with going.database.reading() as session:
        before = queries.draft(session, workspace_id=1, draft_id=newest(going))
    pick(card, "Write another version")

    def look() -> bool:
        with going.database.reading() as session:
            row = queries.draft(session, workspace_id=1, draft_id=newest(going))
        return bool(before and row and row.version > before.version and row.status == Status.drafted)

    until(look, WAIT_SECONDS)
    expect(card.get_by_role("button", name="Edit", exact=True)).to_be_visible(timeout=DRAFTED)


def newest(going: Journey) -> int:
    with going.database.reading() as session:
        rows = [queries.draft(session, workspace_id=1, draft_id=n) for n in range(1, 50)]
    return max(row.id for row in rows if row and row.id)


def test_the_hint_tells_what_to_type(tab: Tab) -> None:
    expect(tab.locator("textarea.composer-input")).to_have_attribute(
        "placeholder", f"Message #followups as robin — try {ASK}"
    )


def test_a_command_is_approved_in_two_interactions(tab: Tab, going: Journey) -> None:
    ask(tab)
    card = tab.locator(".msg").last
    expect(card).to_contain_text("Written by a language model")
    for _ in range(VERSIONS):
        if card.get_by_role("button", name="Approve", exact=True).count():
            break
        again(tab, card, going)
    picture(tab, "card")
    card.get_by_role("button", name="Approve", exact=True).click()
    expect(card).to_contain_text("Approved by @Robin Ames")
    expect(card.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    picture(tab, "approved")


def test_a_shorter_version_says_what_came_of_it(tab: Tab, going: Journey) -> None:
    ask(tab)
    card = tab.locator(".msg").last
    pick(card, "Write it shorter")
    expect(card).to_contain_text(re.compile("Shorter: .* instead of|Not shorter:"), timeout=DRAFTED)
    picture(tab, "shorter")
    with going.database.reading() as session:
        row = queries.draft(session, workspace_id=1, draft_id=newest(going))
    assert row and row.toned and row.toned["tone"] == "shorter"
    if row.toned["more"]:
        assert row.toned["after"]["words"] < row.toned["before"]["words"]


def test_why_this_text_and_a_discard_with_its_reason(tab: Tab, going: Journey) -> None:
    card = tab.locator(".msg").last
    card.get_by_role("button", name="Why this text", exact=True).click()
    modal = tab.locator(".modal")
    expect(modal).to_contain_text("CRM facts used")
    picture(tab, "why")
    modal.get_by_role("button", name="Close", exact=True).click()
    pick(card, "Discard…")
    expect(modal).to_contain_text("Nothing will be sent.")
    modal.get_by_label("Wrong tone").check()
    modal.locator("input.bk-plain-input").fill("too stiff")
    picture(tab, "discard")
    modal.get_by_role("button", name="Discard", exact=True).click()
    expect(card).to_contain_text("wrong tone (“too stiff”). Nothing goes out.")


def test_an_edit_keeps_its_paragraphs_and_is_shown_in_the_thread(tab: Tab, going: Journey) -> None:
    ask(tab)
    card = tab.locator(".msg").last
    card.get_by_role("button", name="Edit", exact=True).click()
    modal = tab.locator(".modal")
    body = modal.locator("textarea")
    with going.database.reading() as session:
        draft = queries.draft(session, workspace_id=1, draft_id=newest(going))
    assert draft and draft.body
    expect(body).to_have_value(draft.body)
    picture(tab, "editor")
    final = "Hi Joost,\n\nShall we settle the next step on Tuesday at 10?\n\nBest,\nIngrid"
    modal.locator("input").first.fill("The next step")
    body.fill(final)
    modal.get_by_role("button", name="Approve this text").click()
    expect(card).to_contain_text("Edited and approved by @Robin Ames")
    picture(tab, "edited")
    card.locator(".thread-summary").click()
    thread = tab.locator(".thread-body")
    expect(thread).to_contain_text("Struck through: taken out. Bold: written in.")
    expect(thread.locator("b").filter(has_text="Shall we settle")).to_be_visible()
    picture(tab, "redline")
    tab.locator(".thread-x").click()
    with going.database.reading() as session:
        review = queries.review_of(session, workspace_id=1, draft_id=newest(going))
    assert review and (review.verdict, review.body) == (Verdict.edited, final)


def test_home_lists_what_waits_and_opens_its_editor(tab: Tab) -> None:
    ask(tab)
    tab.locator(".sidebar-item", has_text="afterword").last.click()
    home = tab.locator(".home")
    expect(home).to_contain_text("Waiting for you", timeout=DRAFTED)
    expect(home).to_contain_text("Joost Hendriks")
    expect(home).to_contain_text("Learning")
    expect(home).not_to_contain_text("date^")
    expect(home.get_by_role("link", name="Open its card").first).to_be_visible()
    expect(home.get_by_role("button", name="Refine now")).to_have_count(0)  # Robin is no admin
    picture(tab, "home")
    home.get_by_role("button", name="Open the editor").first.click()
    modal = tab.locator(".modal")
    expect(modal).to_contain_text("What you submit is what goes out.")
    modal.get_by_role("button", name="Cancel").click()
    home.get_by_role("button", name="Leave my edits out").click()
    expect(home).to_contain_text("Your edits are left out")
    home.get_by_role("button", name="Learn from my edits again").click()
    expect(home.get_by_role("button", name="Leave my edits out")).to_be_visible()
    tab.locator(".sidebar-item", has_text="followups").first.click()


def test_an_empty_email_is_refused_in_the_modal(tab: Tab) -> None:
    ask(tab)
    tab.locator(".msg").last.get_by_role("button", name="Edit", exact=True).click()
    modal = tab.locator(".modal")
    modal.locator("textarea").fill(" ")
    modal.get_by_role("button", name="Approve this text").click()
    expect(modal).to_contain_text("The email is empty.")
    modal.get_by_role("button", name="Cancel").click()
    expect(modal).to_have_count(0)


def test_one_of_two_people_of_a_name_is_chosen_with_a_click(tab: Tab, going: Journey) -> None:
    composer = tab.locator("textarea.composer-input")
    composer.fill("/draft-followup Maria Rossi say thank you")
    composer.press("Enter")
    question = tab.locator(".msg").filter(has_text="Which one do you mean?").last
    expect(question).to_contain_text("only visible to you")
    picture(tab, "choice")
    before = newest(going)
    question.get_by_role("button", name="Draft for Maria Rossi").last.click()
    until(lambda: newest(going) > before)
    card = tab.locator(".msg").filter(has_text="To Maria Rossi").last
    expect(card.get_by_role("button", name="Edit", exact=True)).to_be_visible(timeout=DRAFTED)
    pick(card, "Discard…")
    modal = tab.locator(".modal")
    modal.get_by_label("Not needed").check()
    modal.get_by_role("button", name="Discard", exact=True).click()
    expect(card).to_contain_text("not needed. Nothing goes out.")
    with going.database.reading() as session:
        draft = queries.draft(session, workspace_id=1, draft_id=newest(going))
    assert draft and (draft.status, draft.goal) == (Status.discarded, "say thank you")
