import API
import Archive
import Client
import Fleet
import Foundation
import Identity
import TestSupport
import Testing

/// The power goes at the centre: at calls all over a run, what was acknowledged before is there after.
@Suite("a power cut at the centre", .inTurn, .needs("cc")) struct PowerCutTests {
  private static let pointCount = 600
  private static let recordingCount = 6

  /// What somebody was told, and how far the centre's log was by then.
  private struct Promise {
    let log: Int
    let recording: Int
    let count: Int
  }

  private struct Run {
    let log: [UInt8]
    let root: String
    let authority: String
    let certificate: HostCertificate
    var joinedAt = 0
    var promises: [Promise] = []
    var recordings: [MadeRecording]
  }

  @Test("at 600 calls spread over a run, what was acknowledged before a power cut is there after it")
  func points() async throws {
    var numbers = SeededNumbers()
    let run = try await recordRun(&numbers)
    var disk = CrashedDisk(log: run.log, root: run.root)
    var total = CrashedDisk(log: run.log, root: run.root)
    while !total.isAtEnd { total.step() }
    #expect(total.callCount > Self.pointCount)
    var points = 0
    var kept = Kept(run)
    while !disk.isAtEnd {
      disk.step()
      guard disk.callCount * Self.pointCount / total.callCount > points else { continue }
      points += 1
      try await kept.check(disk, "call \(disk.callCount) of \(total.callCount), seed \(numbers.seed)", &numbers)
    }
    #expect(points >= 500)
  }

  // MARK: - The run

  /// A centre takes messages, seals, checkpoints, stops and goes on, and all of it is written down.
  private func recordRun(_ numbers: inout SeededNumbers) async throws -> Run {
    let scratch = try ScratchDirectory()
    let shim = try await preloadable("powercut", in: scratch)
    let log = scratch.file("calls")
    let place = try ScratchDirectory()
    let centre = try await Centre(
      environment: ["LD_PRELOAD": shim, "STENO_SHIM_LOG": log, "STENO_SHIM_ROOT": place.file("data")], in: place)
    func logged() -> Int { (try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0 }
    try await centre.join("h1")
    let joinedAt = logged()
    var run = Run(
      log: [], root: place.file("data"), authority: place.text("data/ca.pem"),
      certificate: try #require(hostCertificate(place)),
      recordings: (0..<Self.recordingCount).map { MadeRecording(rec: "r-\($0)") })
    run.joinedAt = joinedAt
    for part in 0..<3 {
      let client = try self.client(centre)
      for _ in 0..<110 { try await send(client, &run, &numbers, logged) }
      // Two of them end in each part, and are sealed.
      for index in [part * 2, part * 2 + 1] {
        let answer = try await client.send(run.recordings[index].end())
        #expect(answer.answers.map(\.status) == [.held])
        run.promises.append(
          Promise(log: logged(), recording: index, count: run.recordings[index].lines.count))
      }
      try await centre.program.until("seal what has ended") {
        sealedCount(place) == (part + 1) * 2
      }
      await client.close()
      // Not killed: half a record in the log could not be told from a whole one.
      try await centre.end(by: SIGTERM)
      if part < 2 { try await centre.start() }
    }
    return Run(
      log: ScratchDirectory.bytes(ofFile: log), root: run.root, authority: run.authority,
      certificate: run.certificate, joinedAt: run.joinedAt, promises: run.promises, recordings: run.recordings)
  }

  private func send(
    _ client: CentreClient, _ run: inout Run, _ numbers: inout SeededNumbers, _ logged: () -> Int
  ) async throws {
    let live = run.recordings.indices.filter { index in
      !run.recordings[index].isEnded
    }
    let index = live[numbers.below(live.count)]
    var lines: [UInt8] = []
    for _ in 0...numbers.below(3) {
      lines += run.recordings[index].next(String(repeating: "x", count: 1 + numbers.below(300)))
    }
    let answer = try await client.send(lines)
    #expect(answer.answers.map(\.status) == [.held])
    run.promises.append(Promise(log: logged(), recording: index, count: run.recordings[index].lines.count))
  }

  private func client(_ centre: Centre) throws -> CentreClient {
    CentreClient(
      address: try #require(CentreAddress(centre.url)),
      identity: ClientIdentity(
        authorityPEM: centre.directory.text("data/ca.pem"), certificatePEM: centre.directory.text("h1/host.pem"),
        keyPEM: centre.directory.text("h1/host-key.pem")))
  }

  private func hostCertificate(_ place: ScratchDirectory) -> HostCertificate? {
    let text = place.text("h1/host.pem").split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
    return Data(base64Encoded: text).flatMap { HostCertificate(der: [UInt8]($0)) }
  }

  private func sealedCount(_ place: ScratchDirectory) -> Int {
    let files = FileManager.default.enumerator(atPath: place.file("data/recordings"))?.allObjects as? [String]
    return (files ?? []).count { $0.hasSuffix(".zst") }
  }

  // MARK: - After the cut

  /// What must be there, as the run goes on.
  private struct Kept {
    private let run: Run
    private var counts = [Int](repeating: 0, count: PowerCutTests.recordingCount)
    private var next = 0

    init(_ run: Run) { self.run = run }

    mutating func check(_ disk: CrashedDisk, _ comment: String, _ numbers: inout SeededNumbers) async throws {
      while next < run.promises.count, run.promises[next].log <= disk.place {
        counts[run.promises[next].recording] = run.promises[next].count
        next += 1
      }
      let scratch = try ScratchDirectory()
      try disk.make(in: scratch, &numbers)
      if !scratch.exists("data/catalogue.sqlite") && disk.place < run.joinedAt { return }
      var bounds = ArchiveBounds()
      bounds.freeByteCountMin = 0
      bounds.freePercentMin = 0
      let archive = try Archive(directory: URL(fileURLWithPath: scratch.file("data")), bounds: bounds)
      defer { try? archive.close() }  // it goes with the directory
      if disk.place >= run.joinedAt {
        #expect(scratch.text("data/ca.pem") == run.authority, "\(comment)")
        let authority = try Authority(
          certificatePEM: scratch.text("data/ca.pem"), keyPEM: scratch.text("data/ca-key.pem"))
        let admits = try await Fleet(archive: archive, authority: authority).admits(run.certificate)
        #expect(admits, "\(comment)")
      }
      for (index, recording) in run.recordings.enumerated() {
        try await check(recording, upTo: counts[index], archive, comment)
      }
    }

    private func check(
      _ recording: MadeRecording, upTo count: Int, _ archive: Archive, _ comment: String
    ) async throws {
      var held = 0
      while case let lines = try await archive.lines(of: recording.id, from: UInt64(held + 1)), !lines.isEmpty {
        for line in lines {
          let isSent = held < recording.lines.count && isSame(line.bytes, recording.lines[held])
          #expect(line.seq == UInt64(held + 1) && isSent, "\(recording.rec), \(comment)")
          held += 1
        }
      }
      #expect(held >= count, "\(recording.rec) has \(held) of \(count), \(comment)")
    }

    private func isSame(_ one: ArraySlice<UInt8>, _ other: [UInt8]) -> Bool {
      // A build for tests compares arrays a byte at a time, and there are millions.
      one.withUnsafeBytes { one in
        other.withUnsafeBytes { other in
          guard one.count == other.count, let first = one.baseAddress, let second = other.baseAddress else {
            return false
          }
          return memcmp(first, second, one.count) == 0
        }
      }
    }
  }
}
