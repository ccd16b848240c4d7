import CBench
import Glibc

/// The place of one run: what is measured, with what data, on what machine.
struct Lab: Sendable {
  let options: Options
  /// Who can run here, in the order of the table.
  let subjects: [Subject]
  /// Why the others cannot.
  let absent: [Subject: String]

  init(_ options: Options) {
    self.options = options
    var absent: [Subject: String] = [:]
    for subject in Subject.allCases { absent[subject] = reasonAgainst(subject, options) }
    self.absent = absent
    subjects = Subject.allCases.filter { absent[$0] == nil }
  }

  /// The output that is put through the recorders.
  var text: String { options.directory + "/text" }

  /// A file for a subject to keep its recording in; removed by whoever measured.
  var log: String { options.directory + "/log" }

  /// What the first line of the output in ``messages()`` begins with, as a terminal shows it, behind a coloured word.
  static let firstWords = "17:05:12"

  /// A log of a gigabyte, in which 64 recordings lie one after the other; made when it is first asked for.
  func messages() throws(BenchError) -> String {
    let path = options.directory + "/messages"
    if fileSize(path) > 0 { return path }
    let generate = [options.helpers + "/bench-read", "generate", "1000000000"]
    try make(path, ["/bin/sh", "-c", "exec \"$@\" >\"$0\"", path] + generate)
    return path
  }

  /// ``text`` as our recorder keeps it. To be removed by whoever asked.
  func recording() throws(BenchError) -> String {
    let path = options.directory + "/recording"
    try make(path, command(.ours, ["/bin/cat", text], log: path))
    return path
  }

  private func make(_ path: String, _ command: [String]) throws(BenchError) {
    let status = try Session(command, patienceSeconds: Session.longPatienceSeconds).end().status
    if status != 0 || fileSize(path) == 0 { throw BenchError("cannot make \(path): status \(status)") }
  }

  /// - Parameter log: Where the recording goes; nil for ``log``.
  func command(_ subject: Subject, _ inner: [String], log: String? = nil) -> [String] {
    subject.command(inner, log: log ?? self.log, options)
  }

  /// `bench-child` with what it is to do.
  func child(_ arguments: String...) -> [String] { [options.helpers + "/bench-child"] + arguments }

  /// The subjects of `wanted` that can run here.
  func present(_ wanted: [Subject]) -> [Subject] { subjects.filter(wanted.contains) }

  /// Machine, system, and who is missing and why: the lines above the table.
  var description: String {
    var system = utsname()
    uname(&system)
    let release = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let model = lines(ofFile: "/proc/cpuinfo").first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? ""
    var text = "machine:\(model), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, Linux \(release)"
    for subject in Subject.allCases {
      if let reason = absent[subject] { text += "\nleft out: \(subject.rawValue): \(reason)" }
    }
    return text
  }
}

/// Tries `subject` on a small command: nil when it ran and kept a recording, otherwise what came of it.
private func reasonAgainst(_ subject: Subject, _ options: Options) -> String? {
  let log = options.directory + "/trial"
  defer { unlink(log) }
  let command = subject.command(["/bin/echo", "trial"], log: log, options)
  if access(command[0], X_OK) != 0 { return "no \(command[0])" }
  do throws(BenchError) {
    let session = try Session(command)
    let said = try session.readAll()
    let status = try session.end().status
    let kept = !subject.records || fileSize(log) > 0
    if status == 0, kept { return nil }
    let words = said.split(whereSeparator: \.isNewline).joined(separator: " / ")
    return "status \(status)\(kept ? "" : ", nothing recorded"): \(words)"
  } catch {
    return error.text
  }
}
