"""Fails when a line of C++ has more than 120 columns. Texts of tests in raw strings may be as wide as what they show.

    check_lines.py SRC"""
import pathlib
import sys

MOST = 120


def main():
    root = pathlib.Path(sys.argv[1])
    faults = []
    for path in sorted([*root.rglob("*.cpp"), *root.rglob("*.hpp")]):
        if path.name.endswith("_test.cpp"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > MOST:
                faults.append(f"{path}:{number}: {len(line)} columns; at most {MOST} (clang-format --lines={number}:{number} breaks it)")
    print("\n".join(faults) or f"no line has more than {MOST} columns")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
