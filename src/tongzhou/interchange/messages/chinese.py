"""The sentences in Chinese: message code, what is wrong, the cure."""

from __future__ import annotations

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
        "文件不是这里可以读取的表格。",
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
    "file.nested": (
        "列“{column}”的单元格是列表或记录，不是单个值。",
        "请保存为文本、数字或日期。",
    ),
    "write.rows": (
        "工作表在表头下最多容纳 {limit} 行，现有 {count} 行。",
        "请选择 CSV 或 Parquet，或只导出一部分。",
    ),
    "write.cell": (
        "工作表单元格最多容纳 {limit} 个字符，“{column}”有更长的内容。",
        "请选择 CSV 或 Parquet。",
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
