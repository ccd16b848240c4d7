import API
import Foundation
import Shipping
import TestSupport
import Testing

/// THREATS 18: what a host says of itself.
@Suite("The ledger of a host")
struct LedgerTests {
  private func entry(_ scene: AgentScene) throws -> (text: String, entry: LedgerEntry)? {
    guard let text = scene.agent.takeLedgerEntry(at: scene.now) else { return nil }
    return (text, try JSONDecoder().decode(LedgerEntry.self, from: Data(text.utf8)))
  }

  private func hold(_ scene: AgentScene, _ entry: LedgerEntry) {
    scene.agent.ledgerAnswered(.success(LedgerAnswer(status: .held, n: entry.n)), at: scene.now)
  }

  @Test("names what is open and how far the centre has it, and what began and ended")
  func names() throws {
    let scene = try AgentScene()
    scene.restartAgent()
    let first = try #require(try entry(scene)).entry
    #expect(first.n == 1 && first.prev == "" && first.full && first.heads.isEmpty && first.host == "host.example")
    hold(scene, first)
    let recorder = try scene.recorder()
    try recorder.show("x")
    scene.settle()
    scene.crank(AgentScene.second)
    let second = try #require(try entry(scene)).entry
    let head = scene.centre.head(of: recorder.recording)
    let hash = String(decoding: head.hash, as: UTF8.self)
    #expect(second.starts == [recorder.recording] && second.ends.isEmpty && !second.full)
    #expect(second.heads == [.init(rec: recorder.recording, seq: head.sequence, hash: hash)])
    #expect(second.live == Ledger.hash(of: Array("\(recorder.recording) \(head.sequence) \(hash)\n".utf8)))
    hold(scene, second)
    try recorder.end()
    scene.settle()
    scene.crank(AgentScene.second)
    let third = try #require(try entry(scene)).entry
    #expect(third.ends == [recorder.recording] && third.starts.isEmpty && third.heads.isEmpty)
    #expect(third.live == Ledger.hash(of: []))
  }

  @Test("an entry links to the one before, comes every minute when nothing happens, and never before that was answered")
  func cadence() throws {
    let scene = try AgentScene()
    scene.restartAgent()
    let first = try #require(try entry(scene))
    scene.crank(200 * AgentScene.second)
    #expect(try entry(scene) == nil)
    hold(scene, first.entry)
    scene.crank(59 * AgentScene.second)
    #expect(try entry(scene) == nil)
    scene.crank(AgentScene.second)
    let second = try #require(try entry(scene))
    #expect(second.entry.n == 2 && second.entry.prev == Ledger.hash(of: Array(first.text.utf8)))
  }

  @Test(
    "after a crash the entry without an answer goes again byte for byte, and the next names everything that is open")
  func crash() throws {
    let scene = try AgentScene()
    scene.restartAgent()
    hold(scene, try #require(try entry(scene)).entry)
    let recorder = try scene.recorder()
    scene.settle()
    scene.crank(AgentScene.second)
    let lost = try #require(try entry(scene))
    scene.restartAgent()
    let again = try #require(try entry(scene))
    #expect(again.text == lost.text)
    hold(scene, again.entry)
    scene.crank(AgentScene.second)
    let next = try #require(try entry(scene)).entry
    #expect(next.full && next.n == lost.entry.n + 1 && next.heads.map(\.rec) == [recorder.recording])
  }

  @Test("where the centre has another entry of that number, a new epoch begins")
  func fork() throws {
    let scene = try AgentScene()
    scene.restartAgent()
    let first = try #require(try entry(scene)).entry
    scene.agent.ledgerAnswered(.success(LedgerAnswer(status: .fork, n: 7)), at: scene.now)
    scene.crank(AgentScene.second)
    let second = try #require(try entry(scene)).entry
    #expect(second.epoch != first.epoch && second.n == 1 && second.prev == "" && second.full)
  }
}
