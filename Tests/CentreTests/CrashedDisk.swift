import Foundation
import TestSupport

/// A directory as the calls of a program have made it, and as a power cut may leave it: what `Shim/powercut.c` wrote down
/// is replayed call by call.
///
/// The model is the least that POSIX promises. Of a file's bytes those before its last sync are there; of later writes
/// any may be there, whole, in part or not at all. Names are there once their directory was synced; of later changes of a
/// directory the first ones may be there. Syncing a file says nothing about its name.
struct CrashedDisk {
  private enum Change {
    case write(at: Int, [UInt8])
    case cut(to: Int)
  }

  private final class File {
    var durable: [UInt8] = []
    var pending: [Change] = []
  }

  private enum NameChange {
    case put(String, File)
    case remove(String)
    case move(String, to: String)
    case makeFolder(String)
  }

  private let log: [UInt8]
  private let root: String
  /// Bytes of the log that were replayed.
  private(set) var place = 0
  /// Calls that were replayed.
  private(set) var callCount = 0
  private var files: [UInt64: File] = [:]
  private var names: [String: File] = [:]
  private var folders: Set<String> = []
  /// By directory, in order.
  private var pending: [String: [NameChange]] = [:]

  init(log: [UInt8], root: String) {
    self.log = log
    self.root = root
    folders = [root]
  }

  var isAtEnd: Bool { place >= log.count }

  /// Replays one call.
  mutating func step() {
    let file = number(at: place + 1, UInt64.self)
    let offset = Int(number(at: place + 9, UInt64.self))
    let count = Int(number(at: place + 17, UInt32.self))
    let data = Array(log[(place + 21)..<(place + 21 + count)])
    var text: String { String(decoding: data, as: UTF8.self) }
    switch log[place] {
    case 1:
      let new = File()
      files[file] = new
      change(.put(text, new), in: parent(text))
    case 2: files[file]?.pending.append(.cut(to: offset))
    case 3: files[file]?.pending.append(.write(at: offset, data))
    case 4: if let file = files[file] { Self.settle(file) }
    case 5: settle(text)
    case 6:
      let both = text.split(separator: "\n").map(String.init)
      change(.move(both[0], to: both[1]), in: parent(both[1]))
    case 7: change(.remove(text), in: parent(text))
    case 8: change(.makeFolder(text), in: parent(text))
    default: preconditionFailure("no call: \(log[place])")
    }
    place += 21 + count
    callCount += 1
  }

  private func number<Value: FixedWidthInteger>(at place: Int, _ type: Value.Type) -> Value {
    log.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: type) }
  }

  private func parent(_ path: String) -> String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

  private mutating func change(_ change: NameChange, in folder: String) {
    pending[folder, default: []].append(change)
  }

  // MARK: - What is durable

  private mutating func settle(_ folder: String) {
    for change in pending.removeValue(forKey: folder) ?? [] { Self.apply(change, &names, &folders) }
  }

  private static func settle(_ file: File) {
    for change in file.pending { apply(change, &file.durable) }
    file.pending = []
  }

  private static func apply(_ change: NameChange, _ names: inout [String: File], _ folders: inout Set<String>) {
    switch change {
    case .put(let path, let file): names[path] = file
    case .remove(let path): names[path] = nil
    case .move(let from, let to): if let file = names.removeValue(forKey: from) { names[to] = file }
    case .makeFolder(let path): folders.insert(path)
    }
  }

  private static func apply(_ change: Change, _ bytes: inout [UInt8]) {
    switch change {
    case .cut(let length):
      if bytes.count > length { bytes.removeLast(bytes.count - length) }
      if bytes.count < length { bytes += [UInt8](repeating: 0, count: length - bytes.count) }
    case .write(let offset, let data):
      if bytes.count < offset + data.count {
        bytes += [UInt8](repeating: 0, count: offset + data.count - bytes.count)
      }
      bytes.withUnsafeMutableBytes { $0[offset..<(offset + data.count)].copyBytes(from: data) }
    }
  }

  // MARK: - The cut

  /// Makes the directory as it may be found after a power cut at this place.
  func make(in scratch: ScratchDirectory, _ numbers: inout SeededNumbers) throws {
    var (names, folders) = (names, folders)
    for (_, changes) in pending.sorted(by: { $0.key < $1.key }) {
      for change in changes.prefix(numbers.below(changes.count + 1)) { Self.apply(change, &names, &folders) }
    }
    func place(_ path: String) -> String { scratch.path + path.dropFirst(parent(root).count) }
    for folder in folders {
      try FileManager.default.createDirectory(atPath: place(folder), withIntermediateDirectories: true)
    }
    for (path, file) in names.sorted(by: { $0.key < $1.key }) where folders.contains(parent(path)) {
      try Data(Self.remains(of: file, &numbers)).write(to: URL(fileURLWithPath: place(path)))
    }
  }

  private static func remains(of file: File, _ numbers: inout SeededNumbers) -> [UInt8] {
    var bytes = file.durable
    let mode = numbers.below(4)
    for (place, change) in file.pending.enumerated() {
      switch mode {
      case 0: return bytes
      case 1: apply(change, &bytes)
      case 2: if numbers.below(2) == 0 { apply(change, &bytes) }
      default:
        // The last one in part: sectors of 512 bytes get there one by one.
        guard place == file.pending.count - 1, case .write(let offset, let data) = change else {
          apply(change, &bytes)
          continue
        }
        apply(.write(at: offset, Array(data.prefix(512 * numbers.below(data.count / 512 + 1)))), &bytes)
      }
    }
    return bytes
  }
}
