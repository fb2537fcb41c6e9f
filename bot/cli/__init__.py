"""Commands of ``inspection-bot``, one module each."""
