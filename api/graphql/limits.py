"""What a query may ask for, decided before anything is read.

Depth, tokens and aliases bound the text; cost bounds the answer: a list multiplies what is inside
it by its size, so 30 tokens cannot ask for 200,000 objects.
"""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    VariableNode,
)
from strawberry.extensions import (
    MaxAliasesLimiter,
    MaxTokensLimiter,
    QueryDepthLimiter,
    SchemaExtension,
)
from strawberry.extensions.query_depth_limiter import IgnoreContext

from api.queries.page import DEFAULT_SIZE, MAX_SIZE

MAX_DEPTH: Final = 10
MAX_TOKENS: Final = 2_000
MAX_ALIASES: Final = 30
MAX_COST: Final = 10_000
_MAX_VISITS: Final = 20_000

_LISTS: Final = frozenset({
    "products", "events", "custodyTransfers", "recalls", "actors", "creditBatches",
    "creditRetirements", "retirements", "attestations", "documents", "forecasts", "children",
    "packings", "offers", "delegations", "transformations", "certificates", "deliveries",
    "steps", "anchors", "footprints", "verifiers",
})  # fmt: skip
"""Connections; `Document.products` is a short list of an event's things and counts alike."""
_TRACES: Final = frozenset({"traceBack", "traceForward", "recallScope"})
"""Their size is that of the lists of nodes and links inside."""
_WEIGHT: Final = {"trace": 20, "bundle": 500, "proof": 1} | dict.fromkeys(_TRACES, 1_000)
_INSIDE: Final = {"trace": 20}
"""A trace is a list too; its length is not asked for."""


class _CostRule(ValidationRule):
    variables: Mapping[str, Any] = {}

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._visits = 0
        self._fragments = {
            definition.name.value: definition.selection_set
            for definition in context.document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        for definition in context.document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._check(definition)

    def _check(self, operation: OperationDefinitionNode) -> None:
        cost = self._cost(operation.selection_set, ())
        if cost > MAX_COST:
            message = f"this query costs {cost}, at most {MAX_COST} is allowed"
            hint = "Ask for fewer items per list (first), or for less inside a list."
            extensions = {"code": "query_too_costly", "hint": hint, "pointer": "", "issues": []}
            self.report_error(GraphQLError(message, operation, extensions=extensions))

    def _cost(self, selections: SelectionSetNode | None, path: tuple[str, ...]) -> int:
        """Fields that would be resolved, at most."""
        if selections is None or self._visits > _MAX_VISITS:
            return MAX_COST + 1 if self._visits > _MAX_VISITS else 0
        total = 0
        for node in selections.selections:
            self._visits += 1
            match node:
                case FieldNode():
                    total += self._field(node, path)
                case InlineFragmentNode():
                    total += self._cost(node.selection_set, path)
                case FragmentSpreadNode(name=name) if name.value not in path:
                    total += self._cost(self._fragments.get(name.value), (*path, name.value))
        return total

    def _field(self, node: FieldNode, path: tuple[str, ...]) -> int:
        name = node.name.value
        own = _WEIGHT.get(name, 1)
        return own + self._times(name, node) * self._cost(node.selection_set, path)

    def _times(self, name: str, node: FieldNode) -> int:
        if name not in _LISTS | _TRACES or node.selection_set is None:
            return _INSIDE.get(name, 1)
        sizes = [
            self._size(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in ("first", "last")
        ]
        return max(sizes, default=DEFAULT_SIZE) or 1

    def _size(self, value: Any) -> int:
        if isinstance(value, IntValueNode):
            return _bounded(int(value.value) if len(value.value) < 10 else MAX_SIZE)
        if isinstance(value, VariableNode):
            given = self.variables.get(value.name.value)
            return _bounded(given) if isinstance(given, int) else MAX_SIZE
        return DEFAULT_SIZE


def _bounded(size: int) -> int:
    """Sizes out of range are refused by the resolver; here they must not make cost negative."""
    return min(max(size, 1), MAX_SIZE)


class CostLimiter(SchemaExtension):
    """Adds the cost rule with this request's variables."""

    def on_operation(self) -> Any:
        context = self.execution_context
        rule = type("CostRule", (_CostRule,), {"variables": context.variables or {}})
        context.validation_rules = (*context.validation_rules, rule)
        yield


def _is_introspection(context: IgnoreContext) -> bool:
    return context.field_name.startswith("__")


def extensions() -> list[Any]:
    """All limits, for one schema."""
    return [
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        lambda: QueryDepthLimiter(max_depth=MAX_DEPTH, should_ignore=_is_introspection),
        lambda: MaxAliasesLimiter(max_alias_count=MAX_ALIASES),
        CostLimiter,
    ]
