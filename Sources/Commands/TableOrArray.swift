/// What a list holds as lines of a table, or as an array of objects, page by page.
struct TableOrArray<Element: Encodable>: Sendable {
  let isJSON: Bool
  let headings: [String]
  let row: @Sendable (Element) -> [String]
  /// So many so far.
  private(set) var count = 0
  /// Of the table's columns: as wide as the first page needs.
  private var widths: [Int] = []

  init(isJSON: Bool, headings: [String], row: @escaping @Sendable (Element) -> [String]) {
    self.isJSON = isJSON
    self.headings = headings
    self.row = row
  }

  mutating func next(_ page: [Element]) throws -> [UInt8] {
    if page.isEmpty { return [] }
    defer { count += page.count }
    if isJSON {
      // Of an array that is encoded whole, which this is a part of: without its brackets.
      let elements = try encoded(page).dropFirst(2).dropLast(3)
      return Array((count == 0 ? "[\n" : ",\n").utf8) + elements
    }
    var rows = page.map(row)
    if count == 0 {
      rows.insert(headings, at: 0)
      widths = columnWidths(rows)
    }
    return Array(aligned(rows, widths).utf8)
  }

  func end() -> [UInt8] {
    guard isJSON else { return [] }
    return Array((count == 0 ? "[]\n" : "\n]\n").utf8)
  }
}
