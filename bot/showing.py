"""Results of commands as people read them in a terminal. One function per command, same name."""

from collections.abc import Sequence
from typing import Any


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def fetch(result: dict[str, Any]) -> str:
    return f"The base model is at {result['path']}."


def _import(result: dict[str, Any]) -> str:
    lines = []
    for file in result["files"]:
        lines.append(f"{file['file']}: {file['imported']} rows imported, {file['rejected']} rejected.")
        if file["mapping"]:
            lines.append(f"  Read as {_export(file)}: {_mapping(file['mapping'])}.")
        if file["read_as"]:
            told = ", ".join(f"{column} {convention}" for column, convention in file["read_as"].items())
            lines.append(f"  By what their values can only mean: {told}.")
        if file["said"]:
            lines.append(f"  Cleaned: {file['said']}.")
        if file["ignored_columns"]:
            lines.append(f"  Columns not used: {', '.join(file['ignored_columns'])}.")
    if result["rejects"]:
        lines.append(f"Each rejected row and its reason stand in {result['rejects']}; correct them and import that.")
    return "\n".join(lines)


def _export(file: dict[str, Any]) -> str:
    whose = f"an export of {file['tool']}" if file["tool"] else "a plain table"
    return whose if file["encoding"] == "utf-8" else f"{whose} in {file['encoding']}"


def _mapping(mapping: Sequence[tuple[str, str]]) -> str:
    """What is called otherwise, then what keeps its name."""
    told = [f"{theirs} → {ours}" for theirs, ours in mapping if theirs != ours]
    same = [theirs for theirs, ours in mapping if theirs == ours]
    return "; ".join(", ".join(part) for part in (told, same) if part)


import_crm = import_emails = _import


def outcomes(result: dict[str, Any]) -> str:
    from bot.outcomes import shown

    return shown(result)


def draft(result: dict[str, Any]) -> str:
    adapter = f"adapter {result['adapter']}" if result["adapter"] else "base model"
    findings = "".join(f"\n! {finding['reason']}" for finding in result["findings"])
    footer = f"Draft {result['draft_id']}, {adapter}, {result['seconds']:.1f} s."
    return f"Subject: {result['subject']}\n\n{result['body']}\n{findings}\n{footer}"


def review(result: dict[str, Any]) -> str:
    noted = "".join(
        f"\n! {'Overridden: ' if finding['severity'] == 'block' else ''}{finding['reason']}"
        for finding in result["findings"]
    )
    return f"Draft {result['draft_id']} is {result['status']}.{_delivered(result['delivery'])}{noted}"


def _delivered(delivery: dict[str, Any] | None) -> str:
    if delivery is None:
        return ""
    if delivery["status"] == "sent":
        return f"\n{delivery['place']}."
    later = " `afterword serve` tries again." if delivery["status"] == "waiting" else ""
    return f"\nNot delivered ({delivery['status']}). {delivery['error'] or ''}{later}"


def refine(result: dict[str, Any]) -> str:
    opening = {
        "promoted": f"Adapter {result['candidate']} is in service.",
        "kept": "Nothing changed: the drafts go on as before.",
        "failed": "The run did not finish.",
    }[result["verdict"]]
    return "\n".join([opening, *result["reasons"]])


def adapters_list(result: list[dict[str, Any]]) -> str:
    if not result:
        return "No adapter yet: the base model serves. `afterword refine` trains the first one."
    return "\n".join(
        f"{'→' if row['serving'] else ' '} {row['version']:>4}  {row['created_at'][:16]}  "
        f"{row['pairs']:>4} pairs  words to change {_percent(row['edit_rate'])}"
        for row in result
    )


def _serving(result: dict[str, Any]) -> str:
    version = result["serving"]
    return f"Adapter {version} serves from the next draft on." if version else "The base model serves from now on."


adapters_promote = adapters_rollback = _serving


def learning_pause(result: dict[str, Any]) -> str:
    said = "Learning is paused" if result["changed"] else "Learning was paused already"
    return f"{said}. Drafts go on, and what people decide is kept. `afterword learning resume` lets it go on."


def learning_resume(result: dict[str, Any]) -> str:
    if not result["changed"]:
        return "Learning was not paused."
    return "Learning goes on. Where `afterword serve` runs, a night that was left out is made up for at once."


def voice_check(result: dict[str, Any]) -> str:
    rules = f"; every draft obeys {result['rules']} rules" if result["rules"] else ""
    return (
        f"{result['file']} can be used. It speaks for {result['company']} and sets {', '.join(result['sets'])}{rules}."
    )


def voice_history(result: list[dict[str, Any]]) -> str:
    if not result:
        return "No voice was in service yet. Put voice.yml into AFTERWORD_HOME; `afterword voice check` reads it first."
    return "\n".join(
        f"{row['number']:>4}  {row['at'][:16]}  {row['source']:<5}  {row['who']}  {row['sha256'][:12]}"
        for row in result
    )


def status(result: dict[str, Any]) -> str:
    adapter = f"adapter {result['adapter']}" if result["adapter"] else "the base model"
    run = result["last_run"]
    return "\n".join(
        [
            f"{result['workspace']['name']} (workspace {result['workspace']['id']})",
            f"CRM: {_counts(result['crm'])}",
            *(_connected(each) for each in result["connected"]),
            f"Pairs: {_counts(result['pairs'])}",
            f"Drafts: {_counts(result['drafts'])}",
            f"Waiting for a decision: {', '.join(map(str, result['waiting'])) or 'none'}",
            f"In service: {adapter}",
            *([f"Learning: paused since {result['paused_at'][:16]}"] if result["paused_at"] else []),
            f"Last run: {run['started_at'][:16]} {' '.join(run['reasons'])}" if run else "Last run: none yet",
            *_learning(result["learning"]),
            *([f"The chart is at {result['chart']}."] if result["chart"] else []),
        ]
    )


def _connected(each: dict[str, Any]) -> str:
    when = f"read {each['read_at'][:16]}" if each["read_at"] else "not read to the end yet"
    return f"Connected: {each['crm']}, {when}" + (f"; {each['error']}" if each["error"] else "")


def connect(result: dict[str, Any]) -> str:
    every = f"`afterword serve` reads it every {result['minutes']:g} minutes"
    return f"Connected to {result['crm']} at {result['address']}. {every}; `afterword sync` does so now."


def disconnect(result: dict[str, Any]) -> str:
    return f"{result['crm']} is disconnected. What was read stays."


def sync(result: dict[str, Any]) -> str:
    lines = []
    for crm, each in result.items():
        read = ", ".join(f"{count:,} {name}" for name, count in each["read"].items() if count) or "nothing new"
        logged = f"; {each['logged']} emails logged there" if each["logged"] else ""
        left_out = f"; {each['left_out']} records left out" if each["left_out"] else ""
        lines += [f"{crm}: {read}{left_out}{logged}.", *(f"  {reason}" for reason in each["reasons"])]
    return "\n".join(lines)


def _learning(learning: dict[str, Any]) -> list[str]:
    lines = [learning["sentence"]]
    if learning["approved_unedited"] is not None:
        lines.append(f"Approved without an edit: {_percent(learning['approved_unedited'])} of all decided drafts.")
    lines += [_arm(name, learning[name]) for name in ("adapter", "control") if learning[name]]
    if learning["minutes_saved"] is not None:
        minutes = f"about {learning['minutes_saved']:,.0f} minutes of typing and deleting"
        lines.append(f"Saved: {minutes}, counted as {learning['minutes_rule']}.")
    shown = [week for week in learning["weeks"] if week["adapter"] or week["control"]]
    if shown:
        lines.append("Words to change, of 100, by week:")
        lines.append(f"  {'week of':<10}  {'trained':<20}  untrained")
        lines += [f"  {week['monday']}  {_rate(week['adapter']):<20}  {_rate(week['control'])}" for week in shown]
    return lines


def _arm(name: str, arm: dict[str, Any]) -> str:
    author = {"adapter": "Trained", "control": "Untrained"}[name]
    pace = f", half of them decided within {_duration(arm['seconds'])}" if arm["seconds"] is not None else ""
    return (
        f"{author}: {arm['drafts']} drafts, {_percent(arm['unedited'])} approved without an edit,"
        f" {_percent(arm['discarded'])} discarded{pace}."
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _rate(arm: dict[str, Any] | None) -> str:
    if arm is None:
        return "–"
    return f"{100 * arm['rate']:3.0f} in {arm['drafts']} draft{'' if arm['drafts'] == 1 else 's'}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _plural(rows: dict[str, int]) -> str:
    """Counts of rows by the singular of what they are: 1 contact, 2 deliveries."""
    many = {name: f"{name[:-1]}ies" if name.endswith("y") else f"{name}s" for name in rows}
    return _counts({name if count == 1 else many[name]: count for name, count in rows.items()})


def backup(result: dict[str, Any]) -> str:
    return f"The backup is at {result['path']}."


def restore(result: dict[str, Any]) -> str:
    return f"Restored from {result['path']}."


def playbooks_check(result: dict[str, Any]) -> str:
    return f"{len(result['checked'])} playbooks are fine: {', '.join(result['checked'])}."


def playbooks_list(result: list[dict[str, Any]]) -> str:
    return "\n".join(line for book in result for line in _playbook(book))


def _playbook(book: dict[str, Any]) -> list[str]:
    needs = ", ".join(book["requires"]) or "nothing beyond the goal"
    days = f" Drafts on days {', '.join(map(str, book['days']))}." if book["days"] else ""
    return [f"{book['name']}: {book['title']}. {book['when_to_use']}{days}", f"  Needs: {needs}."]


def score(result: dict[str, Any]) -> str:
    reasons = [f"  {reason['text']}: {reason['points']:+d}" for reason in result["reasons"]]
    none = ["  Nothing on record speaks for it yet."] if not reasons else []
    return "\n".join([f"Lead score {result['score']} of 100", *reasons, *none, f"Next: {result['next_action']}"])


def sequence(result: dict[str, Any]) -> str:
    lines = [f"{result['sequence']}: {result['playbook']} for {result['to']}, until: {result['goal']}"]
    lines += [f"  day {draft['day']}: draft {draft['draft_id']}, {draft['status']}" for draft in result["drafts"]]
    if result["next"]:
        lines.append(f"  Next: day {result['next']['day']}, {result['next']['at'][:16].replace('T', ' at ')}")
    return "\n".join([*lines, *([f"  Over. {result['reason']}"] if result["reason"] else [])])


sequence_start = sequence_stop = sequence


def sequence_list(result: list[dict[str, Any]]) -> str:
    none = "No sequence yet: `afterword sequence start --to EMAIL --goal TEXT` starts one."
    return "\n".join(map(sequence, result)) or none


def doctor(result: dict[str, Any]) -> str:
    return "\n".join(f"ok  {check['name']}: {check['said']}" for check in result["checks"])


def audit(result: list[dict[str, Any]]) -> str:
    lines = [f"{row['at'][:16].replace('T', ' ')}  {row['who']}  {row['action']}  {row['subject']}" for row in result]
    return "\n".join(lines) or "Nobody has done anything yet."


def pairs_quarantine(result: list[dict[str, Any]]) -> str:
    def said(pair: dict[str, Any]) -> str:
        return f"Pair {pair['pair']} of {pair['reviewer']}, {pair['at'][:10]}: {'; '.join(pair['reasons'])}."

    return "\n".join(map(said, result)) or "Every pair is learned from."


def held(result: dict[str, Any]) -> str:
    if not result["rows"]:
        return f"Nothing is kept about {result['contact']}."
    counts = _plural({name: len(rows) for name, rows in result["rows"].items()})
    return f"Kept about {result['contact']}: {counts}. With --json you get every row of it."


def forget(result: dict[str, Any]) -> str:
    lines = [f"Erased {result['contact']}: {_plural(result['rows'])}. No import brings them back."]
    if result["adapters"]:
        versions = ", ".join(map(str, result["adapters"]))
        serves = f"adapter {result['serving']}" if result["serving"] else "the base model"
        lines.append(f"Withdrawn, as they may have learned from it: adapter {versions}. Now {serves} drafts;")
        lines.append("the next night trains a new one, or do it now with `afterword refine`.")
    if result["cards_removed"]:
        lines.append(f"{result['cards_removed']} cards were deleted in Slack.")
    if result["cards_left"]:
        lines.append(f"{result['cards_left']} cards in Slack are left for you to delete; search for the address there.")
    lines.append("Backups made earlier and emails already delivered still hold it.")
    return "\n".join(lines)


def rights_show(result: dict[str, Any]) -> str:
    audience = {"members": "every full member", "channel": "members of the card's channel"}
    draft, approve = (audience.get(result[name], result[name]) for name in ("draft", "approve"))
    eyes = "  Nobody approves what they asked for themselves." if result["four_eyes"] else ""
    named = ", ".join(result["named_admins"]) or "nobody"
    others = ", and Slack's admins and owners" if result["admins"] == "slack" else ""
    lines = [
        f"May ask for drafts:   {draft}",
        f"May decide about them: {approve}{eyes}",
        f"Admins:               {named} (AFTERWORD_ADMINS){others}",
    ]
    if result["scopes"]:
        lines.append(f"The app needs these scopes as well: {', '.join(result['scopes'])}. Install it again with them.")
    if result["changed_by"]:
        lines.append(f"Changed last by {result['changed_by']} on {result['changed_at'][:16]}.")
    return "\n".join(lines)


rights_set = rights_show


def teams_package(result: dict[str, Any]) -> str:
    return f"The app package is at {result['path']}. Upload it in the Teams admin center, under Manage apps."


def secrets_key(result: dict[str, Any]) -> str:
    return str(result["key"])


def secrets_rotate(result: dict[str, Any]) -> str:
    done = f"The secrets of {result['resealed']} workspaces are sealed with the new key."
    if result["file"]:
        return f"{done} It stands in {result['file']}; keep a copy apart from the database's."
    return f"{done} The other keys in AFTERWORD_SECRET_KEY are not needed any more."
