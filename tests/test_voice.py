"""The voice file: old ones still load, wrong ones are refused by place, the last good one serves."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.voices import PLAIN, Voices, keep
from model.compose import compose
from model.engine import Completion
from model.prompt import VOICE_WORDS, messages
from model.voice import Rule, Voice, parse, read
from model.yaml_file import FileMistake
from storage import queries
from storage.database import Database
from storage.tables import VoiceSource
from tests.fakes import MONDAY
from tests.rows import brief, workspace

pytestmark = pytest.mark.both_databases

SAMPLE = Path(__file__).parent.parent / "bot" / "sample" / "voice.yml"
HEAD = "company: Acme\nwhat_we_do: planning\n"
FULL = """\
company: Mendwell
what_we_do: maintenance planning software
tone: [direct and warm, short sentences]
avoid: [exclamation marks]
sign_off: "Talk soon,"
dos: [You asked how long the switch takes. Two weeks.]
donts: [I wanted to circle back on our synergy.]
banned: [synergy, world-class]
replace:
  utilize: use
  touch base: talk
openers: [I hope this email finds you well]
greetings: ["Hi {{first_name}},", "Good morning {{first_name}},"]
sign_offs: ["All the best,\\n{{sender}}"]
length: {words: 120, sentence_words: 25, subject_words: 8}
reading_grade: 8.5
one_question: true
claims_allowed: [the first month is free]
claims_forbidden: [guarantee, never fails]
links: [mendwell.example]
footer: Mendwell Ltd. Reply STOP and we will not write again.
address: 1 Harbour Street, Bergen
languages: [en, de]
rules:
  - {kind: delete, old: just}
"""


# Reading ------------------------------------------------------------------------------------------------------------


def test_every_setting_of_a_full_file_is_read() -> None:
    voice = parse(FULL, "voice.yml")
    assert set(voice.model_fields_set) == set(Voice.model_fields)
    assert (voice.length.words, voice.length.sentence_words, voice.length.subject_words) == (120, 25, 8)
    assert voice.claims_allowed == ("the first month is free",) and voice.links == ("mendwell.example",)


def test_a_file_from_before_still_loads_and_sets_nothing_new() -> None:
    old = {"company", "what_we_do", "tone", "avoid", "sign_off", "rules"}
    new = set(Voice.model_fields) - old
    assert not read(SAMPLE).model_fields_set & new
    plain = Voice(company="Acme", what_we_do="planning")
    assert not any(getattr(plain, name) for name in new - {"length"}) and not plain.length.model_dump(exclude_none=True)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("colour: red\n", (3, 1), "there is no 'colour'"),
        ("baned: [x]\n", (3, 1), "Did you mean 'banned'?"),
        ("sign_of: [x]\n", (3, 1), "Did you mean 'sign_off'?"),
        ("tone: warm\n", (3, 7), "'warm'; it has to be a list"),
        ("banned:\n  - fine\n  - no\n", (5, 5), "False; it has to be text. Put it in quotes"),
        ("length:\n  words: many\n", (4, 10), "'many'; it has to be a whole number"),
        ("length: {words: -3}\n", (3, 17), "-3; it should be greater than 0"),
        ("length: {word: 3}\n", (3, 10), "Did you mean 'words'?"),
        ("length: 80\n", (3, 9), "Indent them below the name"),
        ("replace: [a]\n", (3, 10), "like utilize: use"),
        ("replace: {utilize: ''}\n", (3, 20), "it is empty"),
        ("greetings: ['Hi {{firstname}},']\n", (3, 13), "{{firstname}} is no slot here. Use {{first_name}}"),
        ("links: [ok.example, 'https://a.example/x']\n", (3, 21), "without https://"),
        ("languages: [en, it]\n", (3, 17), "'it'; it should be 'en', 'de'"),
        ("one_question: maybe\n", (3, 15), "true or false"),
        ("reading_grade: high\n", (3, 16), "like 8.5"),
        ("rules: [{kind: delete, odl: x}]\n", (3, 24), "Did you mean 'old'?"),
        ("company: Acme again\n", (3, 1), "a second time"),
        ("tone: [a\n", (4, 1), "Correct it"),
        ("greetings: [{{first_name}}]\n", (3, 14), "needs quotes"),
        ("avoid: ['\x07']\n", (3, 10), "U+0007"),
        ("one: 1\ntwo: 2\ntone: 3\n", (3, 1), "\nvoice.yml, line 5, column 7: 'tone' is 3; it has to be a list"),
        ("rules:\n- {kind: delete, old: just, old: only}\n", (4, 29), "a second time"),
        ("tone: &tone [*tone]\n", (3, 7), "it has to be text"),
    ],
)
def test_a_wrong_file_is_refused_with_line_column_value_and_remedy(
    text: str, place: tuple[int, int], said: str
) -> None:
    with pytest.raises(FileMistake) as refused:
        parse(HEAD + text, "voice.yml")
    assert str(refused.value).startswith("voice.yml, line {}, column {}: ".format(*place))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'company' is missing"),
        ("- a\n- b\n", "no settings here"),
        ("[" * 2000, "nested too deeply"),
        (HEAD + "reading_grade: " + "9" * 5000, "Correct the value"),
    ],
)
def test_whatever_stands_in_the_file_the_answer_is_a_sentence(text: str, said: str) -> None:
    with pytest.raises(FileMistake, match=said):
        parse(text, "voice.yml")


def test_a_file_in_another_encoding_is_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "voice.yml").write_bytes("company: Acme\nwhat_we_do: Pläne\n".encode("cp1252"))
    with pytest.raises(FileMistake, match=r"line 2: .* Save the file as UTF-8"):
        read(tmp_path / "voice.yml")


# What it drives -----------------------------------------------------------------------------------------------------


def test_banned_terms_and_replacements_are_obeyed_by_every_draft() -> None:
    def complete(*_: Any, **__: Any) -> Completion:
        text = "Subject: Utilize it\n\nHi Dana,\n\nWe utilize synergy daily. Let us touch base."
        return Completion(text=text, tokens=9, prompt_tokens=1, seconds=0.1, finished=True)

    voice = parse(FULL, "voice.yml")
    drafted = compose(brief(), voice, complete, slots=False, seed=0, temperature=0.0)
    assert (drafted.subject, drafted.body) == ("Use it", "Hi Dana,\n\nWe use daily. Let us talk.")
    assert "synergy" in compose(brief(), voice.without_rules(), complete, slots=False, seed=0, temperature=0.0).body


def test_terms_become_rules_once_and_after_those_that_are_written_as_rules() -> None:
    voice = parse(FULL, "voice.yml")
    assert voice.rules[:2] == (Rule("delete", "just"), Rule("replace", "utilize", "use"))
    assert Voice.model_validate(voice.model_dump()) == voice


GOLDEN = {  # of the messages before a voice could say more; adapters in service were trained on these very texts
    ("sample", True): "cf9c2b7070d82e6b",
    ("sample", False): "fb3c57c8f9075a2d",
    ("minimal", True): "d929102f91f6ba0c",
    ("minimal", False): "2ba992b11106d37a",
}


@pytest.mark.parametrize(("name", "slots"), GOLDEN)
def test_the_prompt_of_a_voice_from_before_is_byte_for_byte_what_it_was(name: str, slots: bool) -> None:
    voice = read(SAMPLE) if name == "sample" else Voice(company="Acme", what_we_do="planning software")
    rendered = json.dumps(messages(brief(), voice, slots=slots))
    assert hashlib.sha256(rendered.encode()).hexdigest()[:16] == GOLDEN[name, slots]


def test_what_is_only_checked_does_not_stand_in_the_prompt() -> None:
    checked = parse(FULL, "voice.yml").model_copy(update={"dos": (), "donts": ()})
    named = ("company", "what_we_do", "tone", "avoid")
    plain = Voice(**{name: getattr(checked, name) for name in named})
    assert messages(brief(), checked, slots=True) == messages(brief(), plain, slots=True)


def test_examples_stand_in_the_prompt_as_far_as_about_eighty_tokens_reach() -> None:
    few = messages(brief(), parse(FULL, "voice.yml"), slots=True)[0]["content"]
    assert few.endswith(
        ' Do: "You asked how long the switch takes. Two weeks." Don\'t: "I wanted to circle back on our synergy."'
    )
    examples = tuple(f"Example {n} of how we write about it." for n in range(40))
    many = Voice(company="Acme", what_we_do="planning", dos=examples, donts=examples)
    assert VOICE_WORDS - 10 < len(messages(brief(), many, slots=True)[0]["content"].split()) <= VOICE_WORDS


# What serves --------------------------------------------------------------------------------------------------------


@pytest.fixture
def database(database: Database) -> Database:
    """With a second workspace."""
    with database.writing() as session:
        assert workspace(session, "T2").id == 2
    return database


def put(home: Path, company: str) -> None:
    (home / "voice.yml").write_text(f"company: {company}\nwhat_we_do: planning\n", "utf-8")


def history(database: Database, workspace_id: int = 1) -> list[tuple[int, str, str]]:
    with database.reading() as session:
        rows = queries.voice_versions(session, workspace_id=workspace_id)
        return [(row.number, str(row.source), parse(row.text, "v").company) for row in rows]


def save_in_app(database: Database, text: str) -> None:
    with database.writing() as session:
        keep(session, workspace_id=1, text=text, where="the voice", source=VoiceSource.app, who="U1", now=MONDAY)


def test_each_change_of_the_file_is_a_version_and_an_unchanged_file_is_none(tmp_path: Path, database: Database) -> None:
    voices = Voices(tmp_path, database)
    assert voices(1) == PLAIN
    for company in ("One", "Another"):
        put(tmp_path, company)
        assert [voices(1).company for _ in range(3)] == [company] * 3
    assert Voices(tmp_path, database)(1).company == "Another"
    assert history(database) == [(2, "file", "Another"), (1, "file", "One")]


def test_a_broken_or_missing_file_leaves_the_last_good_voice_in_service(
    tmp_path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, "Good")
    voices = Voices(tmp_path, database)
    voices(1)
    (tmp_path / "voice.yml").write_text(HEAD + "colour: red\n", "utf-8")
    with caplog.at_level(logging.ERROR):
        assert [voices(1).company, voices(1).company] == ["Good", "Good"]
    assert len(caplog.messages) == 1 and "line 3, column 1" in caplog.messages[0]
    assert Voices(tmp_path, database)(1).company == "Good"  # after a restart too
    (tmp_path / "voice.yml").unlink()
    assert Voices(tmp_path, database)(1).company == "Good"
    assert len(history(database)) == 1


def test_what_was_written_last_serves_be_it_the_file_or_the_app(tmp_path: Path, database: Database) -> None:
    put(tmp_path, "File")
    voices = Voices(tmp_path, database)
    voices(1)
    save_in_app(database, "company: App\nwhat_we_do: planning\n")
    assert voices(1).company == Voices(tmp_path, database)(1).company == "App"
    put(tmp_path, "Newer file")
    assert voices(1).company == "Newer file"
    assert [row[:2] for row in history(database)] == [(3, "file"), (2, "app"), (1, "file")]


def test_a_wrong_voice_is_never_kept(database: Database) -> None:
    with pytest.raises(FileMistake, match="the voice, line 1"):
        save_in_app(database, "colour: red")
    assert history(database) == []


def test_each_workspace_has_versions_of_its_own(tmp_path: Path, database: Database) -> None:
    put(tmp_path, "Shared")
    voices = Voices(tmp_path, database)
    voices(1)
    save_in_app(database, "company: First\nwhat_we_do: planning\n")
    assert (voices(1).company, voices(2).company) == ("First", "Shared")


def test_a_version_that_this_release_cannot_read_gives_way_to_the_one_before(
    tmp_path: Path, database: Database
) -> None:
    put(tmp_path, "Readable")
    Voices(tmp_path, database)(1)
    with database.writing() as session:
        queries.add_voice_version(
            session,
            workspace_id=1,
            text=HEAD + "from_the_future: 1\n",
            sha256="x",
            source=VoiceSource.app,
            who="U1",
            now=MONDAY,
        )
    assert Voices(tmp_path, database)(1).company == "Readable"


# On the command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path))
    return tmp_path


def test_a_voice_file_is_checked_before_it_serves(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "new.yml").write_text(FULL, "utf-8")
    assert main(["voice", "check", "new.yml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rules"] == 5
    (home / "voice.yml").write_text(HEAD + "tones: [a]\n", "utf-8")
    assert main(["voice", "check"]) == 1
    said = capsys.readouterr().err
    assert "voice.yml, line 3, column 1: there is no 'tones' here. Did you mean 'tone'?" in said
    assert not (home / "afterword.sqlite3").exists()


def test_the_history_names_every_version(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voice", "history"]) == 0
    assert "No voice was in service yet" in capsys.readouterr().out
    put(home, "Acme")
    Voices(home, Database(f"sqlite:///{home / 'afterword.sqlite3'}"))(1)
    assert main(["voice", "history", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["number"], row["source"], row["who"]) == (1, "file", "voice.yml")
