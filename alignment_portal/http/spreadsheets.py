"""Cells that a spreadsheet shows and does not calculate."""

# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
