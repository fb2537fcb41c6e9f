"""What can be wrong with an expression, each fault with a stable code."""

from campaigns.errors import CampaignError

SYNTAX = "EXPR_001"
UNKNOWN_FUNCTION = "EXPR_002"
ARGUMENT_COUNT = "EXPR_003"
TOO_LONG = "EXPR_004"
TOO_DEEP = "EXPR_005"
SMART_QUOTE = "EXPR_006"
FULL_WIDTH = "EXPR_007"
OPEN_TEXT = "EXPR_008"
VARIABLE = "EXPR_009"
UNSAFE_PATTERN = "EXPR_010"
TOO_MUCH_WORK = "EXPR_011"
BAD_ARGUMENT = "EXPR_012"


class ExpressionError(CampaignError):
    """An expression cannot be compiled, or must not be run any further.

    Args:
        code: One of this module's codes.
        position: 0-based place in the source where it goes wrong; 0 when it has no place.
        params: Values for the sentence, such as the name of an unknown function.
    """

    def __init__(self, code: str, position: int = 0, **params: str | int) -> None:
        """Keep code and place; the locale key is ``issue-`` and the code, ``issue-expr-001``."""
        super().__init__(f"issue-{code.lower().replace('_', '-')}", position=position, **params)
        self.code = code
        self.position = position
