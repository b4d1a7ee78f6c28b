"""How figures and tables are written."""


def rate(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def spread_text(value, shape=rate):
    return f"{shape(value['median'])} ({shape(value['min'])}–{shape(value['max'])})"


def ms(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"
