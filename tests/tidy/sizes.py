"""No file over 600 lines, no function over 70, no line that asks for later work."""

import ast
import re
from collections.abc import Iterator

LONGEST_FILE = 600
LONGEST_FUNCTION = 70
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")


def faults(text: str, is_python: bool) -> Iterator[str]:
    lines = text.splitlines()
    if len(lines) > LONGEST_FILE:
        yield f"has {len(lines)} lines; split it into a folder of the same name"
    for number, line in enumerate(lines, start=1):
        if LATER.search(line):
            yield f"line {number} asks for later work; do it, or open an issue"
    if is_python:
        yield from _long_functions(text)


def _long_functions(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines; at most {LONGEST_FUNCTION} fit a screen"
