"""Every sentence this package says about a file, in English and Chinese, as plain data.

A sentence has two parts: what is wrong, and the cure. Both are templates whose names in braces
are filled from the parameters of the problem. An application in another language passes
`translate`, a function from the English template to its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

Translate = Callable[[str], str]


class Told(Protocol):
    """Anything with a message code and parameters: a refusal or a note."""

    code: str
    params: dict[str, str]


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
        "The file is neither a CSV, XLSX nor Parquet table.",
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

CHINESE: dict[str, tuple[str, str]] = {
    "file.empty": ("文件是空的。", "请重新选择文件再上传一次。"),
    "file.size": ("文件有 {size} MiB，最多只能读取 {limit} MiB。", "请拆分成几个文件。"),
    "file.rows": ("表格超过 {limit} 行。", "请拆分成几个文件。"),
    "file.columns": ("表格有 {count} 列，最多只能读取 {limit} 列。", "请删去不需要的列。"),
    "file.cell": (
        "第 {row} 行有单元格超过 {limit} 个字符。",
        "请缩短内容，或检查每个引号是否成对。",
    ),
    "file.kind": (
        "文件不是 CSV、XLSX 或 Parquet 表格。",
        "请另存为 CSV 或 XLSX 后上传。",
    ),
    "file.old_excel": ("文件是旧的 XLS 格式。", "请打开后另存为 XLSX。"),
    "file.encoding": (
        "文字已损坏，或不是 UTF-8、UTF-16、GB18030 编码。",
        "请另存为 CSV UTF-8。",
    ),
    "file.quote": (
        "第 {row} 行的引号没有成对，或引号后还有文字；文件可能在传送中被截断。",
        "请检查该行，或重新上传文件。",
    ),
    "file.cut": (
        "最后一行（第 {row} 行）只有 {count} 格，而表头有 {limit} 格；文件在传送中被截断。",
        "请重新上传文件。",
    ),
    "file.broken": (
        "文件已损坏或在传送中被截断（{detail}）。",
        "请在电脑上打开，重新保存后上传。",
    ),
    "file.locked": ("文件有密码保护。", "请去掉密码后保存。"),
    "file.unpacked": (
        "文件解压后超过 {limit} MiB。",
        "请只保存这一张表，不带图片和其他工作表。",
    ),
    "file.bomb": (
        "文件解压后超过原大小的 {limit} 倍，正常表格不会如此。",
        "请只保存这一张表，不带空白的格式行。",
    ),
    "file.entries": ("文件有 {count} 个部分，最多只能读取 {limit} 个。", "请只保存这一张表。"),
    "file.lying": (
        "文件中 {part} 部分标明的大小与实际不符。",
        "请在电脑上打开，重新保存后上传。",
    ),
    "file.header": ("文件没有表头行。", "请在第一行填写列名。"),
    "file.missing": ("缺少以下列：{columns}。", "请补上，或更正表头。现有的列：{found}。"),
    "file.twice": ("以下表头指同一列：{columns}。", "请只保留其中一列。"),
    "cell.required": ("“{column}”没有填写。", "请填写“{column}”。"),
    "cell.control": ("“{column}”含有无法保存的字符。", "请重新手工输入。"),
    "cell.error": ("“{column}”显示表格错误 {value}。", "请更正公式。"),
    "cell.replaced": ("“{column}”有字符在之前的转换中丢失。", "请重新手工输入。"),
    "row.long": (
        "这一行有 {count} 格，而表头有 {limit} 格。",
        "含逗号的文字请放在引号内。",
    ),
    "code.scientific": (
        "“{column}”被变成了科学计数法：{value}。",
        "请把该列设为文本格式后重新填写。",
    ),
    "code.decimal": (
        "“{column}”被变成了小数：{value}。",
        "请把该列设为文本格式后重新填写。",
    ),
    "code.zeros": (
        "“{column}”位数不够，开头的零可能已丢失：{value}。",
        "请把该列设为文本格式，重新填写 {limit} 位代码。",
    ),
    "code.precision": (
        "“{column}”是超过 15 位的数字，表格已丢失末尾数字：{value}。",
        "请把该列设为文本格式后重新填写。",
    ),
    "code.date": (
        "“{column}”被变成了日期：{value}。",
        "请把该列设为文本格式后重新填写。",
    ),
    "code.length": ("“{column}”须为 {limit} 位数字：{value}。", "请核对代码。"),
    "code.form": ("“{column}”含有代码不能有的字符或写法：{value}。", "请核对代码。"),
    "number.text": ("“{column}”不是数字：{value}。", "请只填数字。"),
    "number.nan": ("“{column}”不是数字：{value}。", "请只填数字。"),
    "number.infinite": ("“{column}”是无穷大：{value}。", "请只填数字。"),
    "number.fraction": ("“{column}”须为整数：{value}。", "请填写整数。"),
    "number.negative": ("“{column}”不能为负数：{value}。", "请填写不小于 {limit} 的数。"),
    "number.below": ("“{column}”不能小于 {limit}：{value}。", "请填写不小于 {limit} 的数。"),
    "number.above": (
        "“{column}”不能大于 {limit}：{value}。",
        "请填写不大于 {limit} 的数；如确实更多，请先询问。",
    ),
    "date.form": ("“{column}”不是日期：{value}。", "请按 2023-01-08 的写法填写。"),
    "yes_no.form": ("“{column}”须填是或否：{value}。", "请填写“是”或“否”。"),
    "phone.form": (
        "“{column}”不是电话号码：{value}。",
        "请填写 3 至 15 位数字，国家代码前加 +。",
    ),
    "division.form": (
        "这不是行政区划代码：{value}。",
        "请填写 2、4、6、9 或 12 位数字（省至村）。",
    ),
    "clinic.form": (
        "这不是诊所代码：{value}。",
        "请填写村的 12 位代码、连字符和诊所序号。",
    ),
    "code.generic": (
        "这不是代码：{value}。",
        "请填写 1 至 20 个字母、数字、点、下划线或连字符。",
    ),
    "trace.form": ("这不是追踪号：{value}。", "请按标签上的写法填写，例如 {example}。"),
    "trace.check": ("追踪号有一个字符不对：{value}。", "请与标签逐字核对。"),
    "trace.kind": ("这个追踪号属于其他对象：{value}。", "请找以 {letter} 开头的号码。"),
    "token.form": (
        "这不是签收单上的码。",
        "请重新扫描包裹内的签收单，或填写其 26 个字符。",
    ),
    "row.duplicate": (
        "“{column}”与第 {other_row} 行相同：{value}。",
        "请保留其中一行，或合并两行。",
    ),
    "note.encoding": ("文字按 {encoding} 编码读取。", ""),
    "note.width": (
        "含全角字符或空格的代码和数字，已规范：{count} 个。",
        "例如：{examples}。",
    ),
    "note.formula": ("看似公式的单元格，已按文本保存：{count} 个。", "例如：{examples}。"),
    "note.numeric_code": (
        "原以数字存储的代码，已无损读作文本：{count} 个。",
        "例如：{examples}。",
    ),
    "note.blank": ("空行，已跳过：{count} 行。", ""),
    "note.matched": ("使用了以下列：{columns}。", ""),
    "note.unknown": ("以下列无法识别，没有读取：{columns}。", ""),
    "note.title": ("已跳过第 {row} 行表头以上的内容。", ""),
    "note.sheets": ("只读取了工作表“{sheet}”，其余未读取：{others}。", ""),
    "note.hxl": ("已跳过 HXL 标签行。", ""),
    "note.capped": ("共有 {count} 处问题，只列出前 {limit} 处。", ""),
}

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}


def sentence(
    problem: Told | Mapping[str, object],
    lang: str = "en",
    *,
    translate: Translate | None = None,
) -> str:
    """What is wrong and what to do, for a refusal, a note or a row of `Table.problems`."""
    code, params = _told(problem)
    gap = "" if lang == "zh" else " "
    return gap.join(part for part in parts(code, params, lang, translate=translate) if part)


def parts(
    code: str,
    params: Mapping[str, object],
    lang: str = "en",
    *,
    translate: Translate | None = None,
) -> tuple[str, str]:
    """(What is wrong, the cure) for one message code; a parameter not given is an empty text."""
    what, cure = LANGUAGES[lang][code]
    if translate is not None:
        what, cure = (translate(part) if part else "" for part in ENGLISH[code])
    if "{examples}" in cure and not params.get("examples"):
        # Examples of personal cells are never given.
        cure = ""
    values = _Blank(params)
    return what.format_map(values), cure.format_map(values)


class _Blank(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return ""


def _told(problem: Told | Mapping[str, object]) -> tuple[str, dict[str, object]]:
    if not isinstance(problem, Mapping):
        return problem.code, dict(problem.params)
    params = problem.get("params")
    given = dict(params) if isinstance(params, Mapping) else {}
    return str(problem["code"]), {**problem, **given}
