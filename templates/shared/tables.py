"""CSV files with a header; the last column is what is to be found out."""

import csv
import io

from common import Failure, write_atomically


def read_table(path):
    """(names of the columns, rows as lists of text)"""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        raise Failure(f"{path} is not there. Run the task prepare-data first.") from None
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise Failure(f"cannot read {path}: {error}") from error
    if len(rows) < 2 or any(len(row) != len(rows[0]) for row in rows):
        raise Failure(f"{path} is no table: expected a header and rows of {len(rows[0]) if rows else 'some'} columns.")
    return rows[0], rows[1:]


def write_table(path, header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode())


def as_numbers(path, rows):
    try:
        return [[float(value) for value in row] for row in rows]
    except ValueError as error:
        raise Failure(f"{path}: {error}") from None
