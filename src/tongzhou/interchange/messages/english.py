"""The sentences in English: message code, what is wrong, the cure."""

from __future__ import annotations

ENGLISH: dict[str, tuple[str, str]] = {
    # The whole file.
    "file.empty": ("The file is empty.", "Choose the file again and send it once more."),
    "file.size": (
        "The file has {size} MiB; at most {limit} MiB are read.",
        "Split it into several files.",
    ),
    "file.rows": ("The table has more than {limit} rows.", "Split it into several files."),
    "file.columns": (
        "The table has {count} columns; at most {limit} are read.",
        "Delete the columns that are not asked for.",
    ),
    "file.cell": (
        "Row {row} has a cell longer than {limit} characters.",
        "Shorten it, or check that every opening quotation mark has a closing one.",
    ),
    "file.kind": (
        "The file is not a table of a kind that is read here.",
        "Save it as CSV or XLSX and send that.",
    ),
    "file.old_excel": (
        "The file is in the old XLS format.",
        "Open it and save it as XLSX.",
    ),
    "file.encoding": (
        "The text is damaged, or in none of UTF-8, UTF-16 and GB18030.",
        "Save the file as CSV UTF-8.",
    ),
    "file.quote": (
        "A quotation mark opened in row {row} is never closed, or text follows a closing one; "
        "the file may have been cut off on its way.",
        "Check that row, or send the file once more.",
    ),
    "file.cut": (
        "The last row, {row}, has {count} cells while the header has {limit}; "
        "the file was cut off on its way.",
        "Send the file once more.",
    ),
    "file.broken": (
        "The file is damaged or was cut off on its way ({detail}).",
        "Open it on your computer, save it again and send that.",
    ),
    "file.locked": ("The file is protected by a password.", "Save it without a password."),
    "file.unpacked": (
        "The file unpacks to more than {limit} MiB.",
        "Save only the one table, without pictures and other sheets.",
    ),
    "file.bomb": (
        "The file unpacks to more than {limit} times its size, as no table does.",
        "Save only the one table, without empty formatted rows.",
    ),
    "file.entries": (
        "The file has {count} parts; at most {limit} are read.",
        "Save only the one table.",
    ),
    "file.lying": (
        "The file says of its part {part} another size than it has.",
        "Open it on your computer, save it again and send that.",
    ),
    "file.header": ("The file has no row of headers.", "Put the column names in the first row."),
    "file.missing": (
        "These columns are missing: {columns}.",
        "Add them, or correct their headers. Found were: {found}.",
    ),
    "file.twice": (
        "These headers mean the same column: {columns}.",
        "Keep one of them.",
    ),
    # One cell.
    "cell.required": ("{column} is empty.", "Fill in {column}."),
    "cell.control": (
        "{column} has a character that cannot be stored.",
        "Type the text again by hand.",
    ),
    "cell.error": ("{column} shows the spreadsheet error {value}.", "Correct the formula."),
    "cell.replaced": (
        "{column} has a character that was lost in an earlier conversion.",
        "Type the text again by hand.",
    ),
    "row.long": (
        "The row has {count} cells while the header has {limit}.",
        "Put text with a comma between quotation marks.",
    ),
    "code.scientific": (
        "{column} was turned into a number in scientific notation: {value}.",
        "Format the column as text and enter the code again.",
    ),
    "code.decimal": (
        "{column} was turned into a decimal number: {value}.",
        "Format the column as text and enter the code again.",
    ),
    "code.zeros": (
        "{column} has too few digits; zeros at its beginning may have been lost: {value}.",
        "Format the column as text and enter the code again, with {limit} digits.",
    ),
    "code.precision": (
        "{column} is a number of over 15 digits, of which the spreadsheet has lost the last: "
        "{value}.",
        "Format the column as text and enter the code again.",
    ),
    "code.date": (
        "{column} was turned into a date: {value}.",
        "Format the column as text and enter the code again.",
    ),
    "code.length": ("{column} must have {limit} digits: {value}.", "Check the code."),
    "code.form": (
        "{column} has a character or form that a code cannot have: {value}.",
        "Check the code.",
    ),
    "number.text": ("{column} is not a number: {value}.", "Enter the number in digits only."),
    "number.nan": ("{column} is not a number: {value}.", "Enter the number in digits only."),
    "number.infinite": ("{column} is infinite: {value}.", "Enter the number in digits only."),
    "number.fraction": ("{column} must be a whole number: {value}.", "Enter a whole number."),
    "number.negative": (
        "{column} must not be negative: {value}.",
        "Enter a number of at least {limit}.",
    ),
    "number.below": (
        "{column} must be at least {limit}: {value}.",
        "Enter a number of at least {limit}.",
    ),
    "number.above": (
        "{column} must be at most {limit}: {value}.",
        "Enter a number of at most {limit}, or ask whether more is meant.",
    ),
    "date.form": (
        "{column} is not a date: {value}.",
        "Enter the date as 2023-01-08.",
    ),
    "yes_no.form": ("{column} must be yes or no: {value}.", "Enter yes or no."),
    "phone.form": (
        "{column} is not a telephone number: {value}.",
        "Enter 3 to 15 digits, with + before a country code.",
    ),
    # Codes that are typed.
    "division.form": (
        "This is not a division code: {value}.",
        "Enter 2, 4, 6, 9 or 12 digits, from province to village.",
    ),
    "clinic.form": (
        "This is not a clinic code: {value}.",
        "Enter the 12 digits of the village, a hyphen and the number of the clinic.",
    ),
    "code.generic": (
        "This is not a code: {value}.",
        "Enter 1 to 20 letters, digits, dots, underscores or hyphens.",
    ),
    "trace.form": (
        "This is not a trace number: {value}.",
        "Enter it as on the label, for instance {example}.",
    ),
    "trace.check": (
        "One character of this trace number is wrong: {value}.",
        "Compare it with the label, character by character.",
    ),
    "trace.kind": (
        "This trace number belongs to something else: {value}.",
        "Look for the number that begins with {letter}.",
    ),
    "token.form": (
        "This is not the code of a slip.",
        "Scan the slip inside the parcel again, or enter its 26 characters.",
    ),
    "file.nested": (
        "The column {column} holds lists or records, not one value a cell.",
        "Save it as text, numbers or dates.",
    ),
    "write.rows": (
        "A sheet holds at most {limit} rows below its header; these are {count}.",
        "Choose CSV or Parquet, or a smaller part.",
    ),
    "write.cell": (
        "A sheet holds at most {limit} characters in a cell; {column} has a longer one.",
        "Choose CSV or Parquet.",
    ),
    # Warnings.
    "row.duplicate": (
        "{column} is the same as in row {other_row}: {value}.",
        "Keep one of the two rows, or merge them.",
    ),
    # Notes.
    "note.encoding": ("The text was read as {encoding}.", ""),
    "note.width": (
        "Codes and numbers with full-width characters or spaces, made ordinary: {count}.",
        "For instance: {examples}.",
    ),
    "note.formula": (
        "Cells that look like formulas, kept as text: {count}.",
        "For instance: {examples}.",
    ),
    "note.numeric_code": (
        "Codes that were stored as numbers, read as text without loss: {count}.",
        "For instance: {examples}.",
    ),
    "note.blank": ("Empty rows, skipped: {count}.", ""),
    "note.matched": ("These columns were used: {columns}.", ""),
    "note.unknown": ("These columns are not known and were left out: {columns}.", ""),
    "note.title": ("The rows above the header in row {row} were skipped.", ""),
    "note.sheets": (
        "Only the sheet {sheet} was read; the others were left out: {others}.",
        "",
    ),
    "note.hxl": ("The row of HXL hashtags was skipped.", ""),
    "note.capped": ("Problems found: {count}. The first {limit} are listed.", ""),
}
