"""How the fleet's functions are compiled, and where the result is kept."""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba import njit

HERE = Path(__file__).parent


def digest_of(folder: Path) -> str:
    """Of all sources in a folder: Numba looks only at the file of the function that it compiles."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _folder() -> Path:
    """Beside the sources where one may write there, else in a folder of the user's."""
    home = HERE / "__pycache__"
    if not os.access(home if home.exists() else HERE, os.W_OK):
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fanout-sim"
    return home / f"fleet-{digest_of(HERE)}"


CACHE = _folder()


_INLINED: dict[str, Any] = {
    "error_model": "numpy",
    "forceinline": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function into those that call it, so that what they are passed costs nothing."""
    return njit(**_INLINED)(function)


def entry(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function that Python calls, for these types alone, and keep the result; say so where it is not kept."""

    def compile_(function: Callable[..., Any]) -> Any:
        if not any(CACHE.rglob(f"*{function.__name__}*.nbi")):
            sys.stderr.write(f"Compiling {function.__module__} for this machine, once; it takes some seconds\n")
        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = str(CACHE)
        try:
            return njit(signature, error_model="numpy", cache=True, nogil=True)(function)
        finally:
            config.CACHE_DIR = before

    return compile_
