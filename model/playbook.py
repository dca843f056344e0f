"""Playbooks: what one kind of follow-up needs to know, says and must not say. One YAML each, in `model/playbooks`."""

from pydantic import BaseModel, ConfigDict


class Playbook(BaseModel):
    """One kind of follow-up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    instructions: str = ""  # one or two sentences for the prompt
    requires: tuple[str, ...] = ()  # facts without which nothing honest can be written, such as "contact.first_name"
    must_say: tuple[str, ...] = ()  # required lines, such as a disclaimer
    must_not_say: tuple[str, ...] = ()  # patterns, each a regular expression
    claims: tuple[str, ...] = ()  # commitments that are allowed, as phrases
    footer: bool = False  # whether the voice's footer is required


PLAIN = Playbook(name="sales_follow_up", title="Sales follow-up")
