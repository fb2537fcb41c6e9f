"""Inspections in chat: begin, answer, review, submit, correct (``journey`` has the router)."""
