/// `value` with three or four digits that count: 1234, 71.5, 0.953, 0.0412.
func figure(_ value: Double) -> String {
  let size = value.magnitude
  let decimals = size == 0 || size >= 1000 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 3 : 4
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let rounded = (size * scale).rounded()
  var digits = String(Int(rounded))
  if decimals > 0 {
    while digits.count <= decimals { digits = "0" + digits }
    digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -decimals))
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
  }
  return (value < 0 ? "-" : "") + digits
}

private func cells(_ row: Row) -> [String] {
  let met = row.met.map { $0 ? "yes" : "NO" } ?? (row.aim.text.isEmpty ? "" : "?")
  return [
    row.what, row.unit, row.ours.map(figure) ?? "-", row.peer, row.theirs.map(figure) ?? "-",
    row.ratio.map(figure) ?? "-", row.aim.text, met,
  ]
}

/// The rows in columns, for people.
func table(_ rows: [Row]) -> String {
  let all = [["what", "unit", "ours", "peer", "theirs", "ratio", "aim", "met"]] + rows.map(cells)
  let widths = all[0].indices.map { column in all.map { $0[column].count }.max() ?? 0 }
  return all.map { row in
    let line = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
    return String(line.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
  }.joined(separator: "\n")
}

/// The rows as one JSON object each, for scripts. `met` is null where nothing is asked for or a figure is missing.
func jsonLines(_ rows: [Row]) -> String {
  rows.map { row in
    let fields = [
      ("name", inJSON(row.what)), ("unit", inJSON(row.unit)), ("ours", number(row.ours)), ("peer", inJSON(row.peer)),
      ("theirs", number(row.theirs)), ("ratio", number(row.ratio)), ("aim", inJSON(row.aim.text)),
      ("met", row.met.map(String.init) ?? "null"),
    ]
    return "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }.joined(separator: "\n")
}

private func number(_ value: Double?) -> String {
  value.map { $0.isFinite ? "\($0)" : "null" } ?? "null"
}

/// Every text in a row is one of ours: none holds a control character.
private func inJSON(_ text: String) -> String {
  "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}
