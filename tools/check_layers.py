#!/usr/bin/env python3
"""Holds every `#include "module/…"` against the DEPS that the build declares.

Usage: check_layers.py LAYERS_TXT SRC_DIR. LAYERS_TXT has one line "module: dep dep …" per module.
The linker already refuses undeclared calls; this catches header-only and constexpr use as well.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z0-9_]+)/')


def closure(direct):
    """A module may include what its dependencies may, since those are linked publicly."""
    reach = {}

    def visit(module):
        if module not in reach:
            reach[module] = set(direct.get(module, ()))
            for dep in direct.get(module, ()):
                reach[module] |= visit(dep)
        return reach[module]

    for module in direct:
        visit(module)
    return reach


def main():
    layers, src = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    direct = {}
    for line in layers.read_text().splitlines():
        module, deps = line.split(":")
        direct[module] = deps.split()
    reach = closure(direct)
    faults, files = [], 0
    for path in sorted(src.rglob("*.[ch]pp")):
        module = path.relative_to(src).parts[0]
        if module not in direct:
            continue
        files += 1
        allowed = reach[module] | {module}
        if path.stem.endswith("_test") or module == "testing":
            allowed |= set(direct)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match and match[1] in direct and match[1] not in allowed:
                faults.append(f"{path}:{number}: module {module} may not use {match[1]} (it may use: {', '.join(sorted(reach[module])) or 'nothing'})")
    for fault in faults:
        print(fault)
    print(f"layers: {files} files in {len(direct)} modules, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
