"""A child of the demo: loads a module, waits for the word, and ends when its parent does.

``python -m bot.cli.child MODULE [ARGUMENT …]`` imports MODULE at once, because that takes most of
the start, and runs it as ``python -m MODULE`` when a line arrives on standard input. When the
input closes, the parent is gone, however it ended, and the child stops as on SIGTERM.
"""

import importlib
import os
import runpy
import signal
import sys
import threading
import time

HEAVY = {"bot": "bot.app", "sandbox": "sandbox.server"}
"""What takes long to load in each, and is otherwise loaded only when it is needed."""

LAST_SECONDS = 12.0
"""How long a graceful stop may take once the parent is gone."""


def _outlive_nobody() -> None:
    # The descriptor itself is read: at exit a thread inside sys.stdin would hold its lock.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os._exit(1)


def main() -> None:
    """Load, wait, run."""
    module, *arguments = sys.argv[1:]
    importlib.import_module(f"{module}.__main__")
    importlib.import_module(HEAVY[module])
    del sys.modules[f"{module}.__main__"]  # what it needs stays; it itself runs afresh
    while (word := os.read(sys.stdin.fileno(), 1)) != b"\n":
        if not word:
            return
    threading.Thread(target=_outlive_nobody, daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
