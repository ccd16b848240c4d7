import TestSupport
import Testing

/// Descriptors above 2 that a caller of `tlog-rec` hands on.
@Suite("The caller's descriptors", .inTurn)
struct DescriptorTests {
  @Test("a program gets the caller's descriptors under their numbers, as in diff <(…) <(…)")
  func handedOn() async throws {
    let stage = try Stage(.ours)
    let program = try stage.script(
      "\(stage.quoted("diff")) <(echo one) <(echo two); \(stage.quoted("cat")) /dev/fd/9 9<<<nine")
    #expect(try await program.end() == .status(0))
    #expect(program.text == "1c1\n< one\n---\n> two\nnine\n")
  }

  @Test("a log may be a descriptor of the caller's: a process substitution, or an open file", arguments: [7, 3])
  func log(number: Int) async throws {
    let stage = try Stage(.ours)
    let toPipe = stage.quoted("echo", "test", log: ">(cat >copy; echo >copied)")
    let toFile = stage.quoted("echo", "test", log: "/dev/fd/\(number)")
    let program = try stage.script(
      "\(toPipe); until test -e copied; do sleep 0.02; done; \(toFile) \(number)>>file")
    #expect(try await program.end() == .status(0))
    #expect(program.text == "test\ntest\n")
    for name in ["copy", "file"] {
      let recording = try Recording(log: stage.scratch.bytes(name))
      #expect(recording.text == "test\n")
      #expect(recording.end?["exit"] == "0")
    }
  }

  @Test("whoever reads what a program wrote to the caller's descriptor learns of its end from the program alone")
  func endOfFile() async throws {
    let stage = try Stage(.ours)
    let waiting = "exec 7>&-; until test -e ended; do sleep 0.02; done; echo over"
    let program = try stage.script(
      "exec 7> >(cat; echo >ended); \(stage.quoted("sh", "-c", waiting)) 8<&-& exec 7>&-; wait $!")
    #expect(try await program.end() == .status(0))
    #expect(program.text == "over\n")
  }

  @Test("the program gets no descriptor of the recorder's own")
  func noOthers() async throws {
    let stage = try Stage(.ours)
    let recorded = try stage.script("exec 5</dev/null; exec \(stage.quoted("ls", "/proc/self/fd"))")
    #expect(try await recorded.end() == .status(0))
    #expect(recorded.text == "0\n1\n2\n3\n5\n")  // 3 is what ls itself reads
  }
}

extension Stage {
  /// Runs a script of bash's.
  fileprivate func script(_ text: String) throws -> DrivenProgram {
    try DrivenProgram(onPipes: ["/bin/bash", "-c", text], directory: scratch.path)
  }

  /// The words of a script that record a program.
  ///
  /// - Parameter log: As the script is to have it, unquoted.
  fileprivate func quoted(_ program: String..., log: String = "log") -> String {
    let words = program.map { "'\($0)'" }.joined(separator: " ")
    return "'\(recorder.path)' --writer=file -o \(log) \(words)"
  }
}
