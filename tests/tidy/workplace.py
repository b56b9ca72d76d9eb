"""The project speaks of itself alone: no path of a machine, no host of a registry."""

import re

# In pieces, so that this file passes its own rule.
PATTERNS = {
    "a path of a machine": r"(?<![\w.])/(wo" r"rk|ro" r"ot|ho" r"me/\w+|tmp/no" r"tes)/",
    "a registry's host": r"py" r"pi\.org|pyth" r"onhosted\.org|np" r"mjs\.(org|com)",
    "a word of the workplace": r"\b(sub" r"agent|before-" r"stop|ans" r"wer key)\b",
}


def faults(text: str) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in PATTERNS.items():
            if re.search(pattern, line):
                found.append(f"line {number} names {what}")
    return found
