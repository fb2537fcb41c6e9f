"""What stops a start."""


class StartError(Exception):
    """The process cannot start; its text is one clear line for the operator."""
