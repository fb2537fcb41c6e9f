"""The root of the errors that campaigns raise; they are put into words at the edge only."""


class CampaignError(Exception):
    """Something that a caller asked of a campaign cannot be done.

    Args:
        key: Locale key of the sentence that explains it.
        params: Typed values for that sentence; never what a person wrote.
    """

    def __init__(self, key: str, **params: str | int) -> None:
        """Keep the key and its parameters; the key alone is the exception's text."""
        super().__init__(key)
        self.key = key
        self.params: dict[str, str | int] = params
