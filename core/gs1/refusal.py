"""One way to refuse an identifier: with a rule, a sentence and what to do."""

from core.errors import InvalidIdentifier, Issue


def refuse(rule: str, message: str, hint: str, pointer: str = "") -> InvalidIdentifier:
    """An InvalidIdentifier whose single issue carries the rule id."""
    issue = Issue(rule=rule, pointer=pointer, message=message, hint=hint)
    return InvalidIdentifier(message, hint=hint, pointer=pointer, issues=[issue])
