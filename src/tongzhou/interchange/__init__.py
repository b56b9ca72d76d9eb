"""Tables, codes and formats that cross the border of the system, as a pure library (floor 0).

    from tongzhou.interchange import codes, messages, tables
    from tongzhou.interchange.tables import Column, Kind

    columns = [
        Column("code", ("Clinic code", "诊所代码"), Kind.CODE, required=True, key=True),
        Column("units", ("Units", "数量"), Kind.WHOLE, minimum=0, maximum=10_000),
    ]
    table = tables.read("clinics.xlsx", columns)   # TableRefused: str(refused) is its sentence
    table.frame       # polars: row (as the spreadsheet shows it), code (String), units (Int64)
    table.problems    # row, column, value, code, params, warning, personal
    [messages.sentence(p, "zh") for p in table.problems.iter_rows(named=True)]
    [messages.sentence(note) for note in table.notes]
    errors = tables.error_table(table.problems, "zh")       # row, column, value, problem, cure
    tables.write(errors, tables.ERROR_COLUMNS, file, headings=tables.HEADINGS["zh"], bom=True)
    tables.chunks(rows, columns, format="xlsx")             # bytes by the piece, for a response

What strangers may send is set by `limits=Limits(bytes=..., rows=...)`.

`tables` reads, checks and writes CSV, XLSX and Parquet; `messages` has every sentence in English
and Chinese; `codes` has division and clinic codes, `trace_ids` the short public ids on labels,
`receive_tokens` the secrets on slips; `geojson` and `epcis` are formats that other systems read.
"""
