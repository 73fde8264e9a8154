"""Small faults to plant in a contract, one at a time, taken from the compiler's syntax tree.

A fault replaces some bytes of the source: an operator, a literal, a condition, a statement, a
modifier. Faults that do not compile are nobody's test and are not counted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

Node = dict[str, Any]
Edit = tuple[str, int, int, str]
"""Operator, first byte, byte after the last, replacement."""

BINARY: Final = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&",
    "^": "&", "**": "*", "&&": "||", "||": "&&",
}  # fmt: skip
COMPARED: Final = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",),
}  # fmt: skip
ASSIGNED: Final = {
    "+=": ("-=", "="), "-=": ("+=", "="), "*=": ("/=", "="), "/=": ("*=", "="),
    "|=": ("&=", "="), "&=": ("|=", "="), "^=": ("|=", "="), "<<=": (">>=",), ">>=": ("<<=",),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One fault. Its name does not depend on line numbers, so that a reason stays with it."""

    file: str
    function: str
    operator: str
    original: str
    replacement: str
    count: int
    line: int
    span: tuple[int, int]

    @property
    def name(self) -> str:
        """Unique in the project: place, what was there, what is there now, which of them."""
        change = f"`{self.original}` → `{' '.join(self.replacement.split())}`"
        return f"{self.file}: {self.function}: {change}" + (
            f" #{self.count}" if self.count > 1 else ""
        )

    def plant(self, source: bytes) -> bytes:
        """The source with the fault in it."""
        start, end = self.span
        return source[:start] + self.replacement.encode() + source[end:]


def mutants(file: str, source: bytes, tree: Node) -> list[Mutant]:
    """Every fault of every implemented function and constant of the file, in source order."""
    found: dict[tuple[str, int, int, str], Mutant] = {}
    counts: dict[tuple[str, ...], int] = {}
    for place, node in _places(tree):
        for operator, start, end, replacement in _edits(node, source):
            key = (place, start, end, replacement)
            original = " ".join(source[start:end].decode().split())
            if key in found or original == replacement:
                continue
            same = (place, original, replacement)
            counts[same] = counts.get(same, 0) + 1
            line = source.count(b"\n", 0, start) + 1
            found[key] = Mutant(
                file, place, operator, original, replacement, counts[same], line, (start, end)
            )
    return sorted(found.values(), key=lambda one: (one.span, one.replacement))


def _places(tree: Node) -> Iterator[tuple[str, Node]]:
    """(name, node) of what is executed: functions with a body, and constants."""
    for contract in (node for node in tree["nodes"] if node["nodeType"] == "ContractDefinition"):
        for node in contract["nodes"]:
            executed = node["nodeType"] in (
                "FunctionDefinition",
                "ModifierDefinition",
            ) and node.get("body")
            if executed or (node["nodeType"] == "VariableDeclaration" and node.get("value")):
                yield f"{contract['name']}.{node['name'] or node.get('kind')}", node


def _edits(node: Any, source: bytes) -> Iterator[Edit]:
    if isinstance(node, list):
        for item in node:
            yield from _edits(item, source)
    elif isinstance(node, dict) and node.get("nodeType") != "InlineAssembly":
        kind = node.get("nodeType")
        if kind in _OPERATORS:
            yield from _OPERATORS[kind](node, source)
        # A loop without its step never ends, which shows nothing.
        skipped = ("typeName", "documentation", "loopExpression")
        for name, child in node.items():
            if isinstance(child, dict | list) and name not in skipped:
                yield from _edits(child, source)


def _span(node: Node) -> tuple[int, int]:
    start, length, _ = map(int, node["src"].split(":"))
    return start, start + length


def _with_operator(
    node: Node, sides: tuple[str, str], other: str, source: bytes
) -> tuple[int, int, str]:
    """The whole of a two-sided node, with another operator between its sides."""
    start, end = _span(node)
    operator = node["operator"].encode()
    at = source.index(operator, _span(node[sides[0]])[1], _span(node[sides[1]])[0])
    changed = source[start:at] + other.encode() + source[at + len(operator) : end]
    return start, end, changed.decode()


def _binary(node: Node, source: bytes) -> Iterator[Edit]:
    sides, operator = ("leftExpression", "rightExpression"), node["operator"]
    if operator in BINARY:
        name = "logical" if operator in ("&&", "||") else "arithmetic"
        yield name, *_with_operator(node, sides, BINARY[operator], source)
    for other in COMPARED.get(operator, ()):
        yield "comparison", *_with_operator(node, sides, other, source)


def _assignment(node: Node, source: bytes) -> Iterator[Edit]:
    for other in ASSIGNED.get(node["operator"], ()):
        sides = ("leftHandSide", "rightHandSide")
        yield "assignment", *_with_operator(node, sides, other, source)


def _unary(node: Node, source: bytes) -> Iterator[Edit]:
    start, end = _span(node)
    text, operator = source[start:end].decode(), node["operator"]
    if operator in ("++", "--"):
        yield "arithmetic", start, end, text.replace(operator, "--" if operator == "++" else "++")
    elif operator in ("!", "-", "~"):
        yield "logical" if operator == "!" else "arithmetic", start, end, text[1:]


def _literal(node: Node, source: bytes) -> Iterator[Edit]:
    start, end = _span(node)
    text = source[start:end].decode()
    if node["kind"] == "bool":
        yield "literal", start, end, "false" if text == "true" else "true"
    elif node["kind"] == "string" and text != '""':
        yield "literal", start, end, '""'
    elif node["kind"] == "number":
        zero = not text.strip("0x")
        yield "literal", start, end, "1" if zero else f"({text} + 1)"
        if not zero and text != "1":
            yield "literal", start, end, "0"


def _condition(node: Node, source: bytes) -> Iterator[Edit]:
    start, end = _span(node["condition"])
    yield "condition", start, end, "false"
    if node["nodeType"] == "IfStatement":
        yield "condition", start, end, "true"


def _conditional(node: Node, source: bytes) -> Iterator[Edit]:
    for branch in ("trueExpression", "falseExpression"):
        start, end = _span(node[branch])
        yield "condition", *_span(node), source[start:end].decode()


def _statement(node: Node, source: bytes) -> Iterator[Edit]:
    start, end = _span(node)
    while source[end : end + 1].isspace():
        end += 1
    yield "deletion", start, end + (source[end : end + 1] == b";"), "{}"


def _modifiers(node: Node, source: bytes) -> Iterator[Edit]:
    for one in node["modifiers"]:
        if one.get("kind") == "modifierInvocation":
            yield "modifier", *_span(one), ""


_OPERATORS: Final[dict[str, Callable[[Node, bytes], Iterator[Edit]]]] = {
    "BinaryOperation": _binary,
    "Assignment": _assignment,
    "UnaryOperation": _unary,
    "Literal": _literal,
    "IfStatement": _condition,
    "WhileStatement": _condition,
    "Conditional": _conditional,
    "ExpressionStatement": _statement,
    "EmitStatement": _statement,
    "Return": _statement,
    "FunctionDefinition": _modifiers,
}
