import Glibc
import TestSupport
import Testing

/// Callers who pass the agent a descriptor whose release takes a day.
@Suite("Descriptors that callers pass", .inTurn)
struct PassedDescriptorTests {
  enum Disguise: CaseIterable {
    case besideResumption, besideHalfAPacket, besideNonsense, outOfBand, outOfBandBehindAPacket, twice, andGone
  }

  private static let resumption: [UInt8] = [8, 0, 0, 0, 2, 0, 0, 0]

  @Test("whatever a caller passes, the agent goes on, and can be stopped", arguments: Disguise.allCases)
  func passed(disguise: Disguise) async throws {
    let stage = try await AgentStage()
    let (one, other) = (try LingeringSocket(), try LingeringSocket())
    var caller: RawCaller? = try RawCaller(stage.socket)
    switch disguise {
    case .besideResumption: caller?.send(Self.resumption, beside: one)
    case .besideHalfAPacket: caller?.send(Array(Self.resumption.dropLast()), beside: one)
    case .besideNonsense: caller?.send([0xff, 0xff, 0xff, 0xff], beside: one)
    case .outOfBand: caller?.send([8], beside: one, isOutOfBand: true)
    case .outOfBandBehindAPacket:
      caller?.send(Self.resumption)
      caller?.send([8], beside: one, isOutOfBand: true)
    case .twice:
      caller?.send(Self.resumption, beside: one)
      caller?.send(Self.resumption, beside: other)
    case .andGone:
      caller?.send(Self.resumption, beside: one)
      caller = nil
    }
    // One that has the day to wait for would keep the next one's call until then.
    for _ in 0..<2 {
      let program = try stage.onPipes(["/bin/echo", "recorded"])
      #expect(try await program.end() == .status(0), "\(program.errorText)")
    }
    try await stage.agent?.until("let the caller go") { caller?.isLetGo ?? true }
    stage.agent?.signal(SIGTERM)
    #expect(try await stage.agent?.end() == .status(0))
  }

  @Test("more of such callers than the agent waits for keep nobody from recording")
  func many() async throws {
    let stage = try await AgentStage()
    let sockets = try (0..<100).map { _ in try LingeringSocket() }
    for socket in sockets {
      let caller = try RawCaller(stage.socket)
      caller.send(Self.resumption, beside: socket)
    }
    try await stage.agent?.until("take a recorder") { try RawCaller.isTaken(stage.socket) }
    let program = try stage.onPipes(["/bin/echo", "recorded"])
    #expect(try await program.end() == .status(0), "\(program.errorText)")
  }
}
