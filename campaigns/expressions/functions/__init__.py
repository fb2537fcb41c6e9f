"""Every function that expressions may call, by name; nothing else can be called."""

from campaigns.expressions.functions import (
    choosing,
    logic,
    moments,
    nodes,
    numbers,
    places,
    texts,
)
from campaigns.expressions.functions.registry import Function

FUNCTIONS: dict[str, Function] = {
    function.name: function
    for module in (logic, numbers, texts, moments, choosing, nodes, places)
    for function in module.FUNCTIONS
}
