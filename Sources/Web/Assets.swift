import CAssets
import Crypto
import Foundation
import Identity

/// The files of the pages: those in the program, or those in a folder for who works on them.
struct Assets: Sendable {
  struct Asset: Sendable {
    let bytes: [UInt8]
    /// With gzip; nil where that gains nothing.
    let packed: [UInt8]?
    let contentType: String
    /// With its quotes: a hash, the same wherever the bytes are.
    let tag: String

    /// - Parameter isPacked: Not worth it for a file that is read for each request.
    init(_ name: String, _ bytes: [UInt8], isPacked: Bool = true) {
      self.bytes = bytes
      packed = isPacked ? Packing.packed(file: bytes) : nil
      contentType = Self.types[name.split(separator: ".").last.map(String.init) ?? ""] ?? "application/octet-stream"
      tag = "\"" + hexadecimal(SHA256.hash(data: bytes).prefix(12)) + "\""
    }

    private static let types = [
      "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
      "mjs": "text/javascript; charset=utf-8", "json": "application/json", "svg": "image/svg+xml",
      "png": "image/png", "ico": "image/x-icon", "woff2": "font/woff2", "wasm": "application/wasm",
      "txt": "text/plain; charset=utf-8", "LICENSE": "text/plain; charset=utf-8",
    ]
  }

  private let folder: String?
  private let embedded: [String: Asset]
  private let embeddedPage: Asset?
  /// Stands in the path of every file, and changes when one of them does: so a browser may keep them for ever.
  let release: String

  init(folder: String?) {
    self.folder = folder
    var count = 0
    var embedded: [String: Asset] = [:]
    let all = UnsafeBufferPointer(start: cassets_all(&count), count: count)
    for asset in all {
      let name = String(cString: asset.name)
      // They are constants of the program.
      embedded[name] = Asset(name, [UInt8](UnsafeBufferPointer(start: asset.bytes, count: asset.count)))
    }
    self.embedded = embedded
    let release = folder == nil ? Self.release(of: embedded) : "work"
    self.release = release
    embeddedPage = embedded[Self.pageName].map { Self.page($0, release) }
  }

  private static func release(of assets: [String: Asset]) -> String {
    var hash = SHA256()
    for (name, asset) in assets.sorted(by: { $0.key < $1.key }) { hash.update(data: Data((name + asset.tag).utf8)) }
    return hexadecimal(hash.finalize().prefix(6))
  }

  /// Whether what has this release in its path is what it will always be.
  func isForEver(_ release: String) -> Bool { folder == nil && release == self.release }

  /// The page that is all pages, with files of this release.
  var page: Asset? { folder == nil ? embeddedPage : asset(Self.pageName).map { Self.page($0, release) } }

  private static func page(_ page: Asset, _ release: String) -> Asset {
    let text = String(decoding: page.bytes, as: UTF8.self)
    return Asset(pageName, Array(text.replacing("/assets/", with: "/assets/\(release)/").utf8))
  }

  static let pageName = "index.html"

  /// - Parameter name: A file's name, without any folder.
  func asset(_ name: String) -> Asset? {
    guard let folder else { return embedded[name] }
    guard !name.contains("/"), !name.hasPrefix(".") else { return nil }
    for place in ["files", "vendor"] {
      if let bytes = FileManager.default.contents(atPath: "\(folder)/\(place)/\(name)") {
        return Asset(name, [UInt8](bytes), isPacked: false)
      }
    }
    return nil
  }
}
