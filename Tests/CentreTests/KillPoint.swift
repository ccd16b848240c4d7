import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A library for LD_PRELOAD, made in `folder` from the source of that name in `Shim`.
func preloadable(_ name: String, in folder: ScratchDirectory) async throws -> String {
  let source = Surroundings.checkout.appending(path: "Tests/CentreTests/Shim/\(name).c").path
  let library = folder.file(name + ".so")
  let compiler = try DrivenProgram(onPipes: [
    "/usr/bin/cc", "-std=c17", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread",
  ])
  #expect(try await compiler.end() == .status(0), "\(compiler.errorText)")
  return library
}

/// The call at which one of the three programs dies.
struct KillPoint: CustomStringConvertible {
  enum Victim: String, CaseIterable {
    case recorder = "tlog-rec"
    case agent = "steno-agent"
    case centre = "stenod"
  }

  /// What the program was about to do or had just done: take from a terminal, a pipe or a socket; put into a file; send
  /// or answer; make durable; rename, remove or cut files and make holes in them. The order is that of Shim/kill.c.
  enum Call: UInt32, CaseIterable { case receive, store, send, sync, rename }

  let victim: Victim
  let call: Call
  let isAfter: Bool
  /// Counted from 1 when it is armed.
  var number = 1

  /// All but the number. The recorder has no files of its own when it has an agent.
  static let all = Victim.allCases.flatMap { victim in
    Call.allCases.filter { victim != .recorder || $0 == .receive || $0 == .send }.flatMap { call in
      [false, true].map { KillPoint(victim: victim, call: call, isAfter: $0) }
    }
  }

  /// How long it may take until the victim makes such a call: an agent syncs once a second, and a centre seals every five.
  var rest: Duration {
    switch (victim, call) {
    case (.centre, .rename): .seconds(6)
    case (.agent, .store), (.agent, .sync), (.agent, .rename): .milliseconds(1500)
    default: .milliseconds(300)
    }
  }

  var kind: String { "\(victim.rawValue) \(isAfter ? "after" : "before") \(call)" }
  var description: String { "\(kind) \(number)" }
}

/// Lets programs with ``environment`` die at chosen calls (Shim/kill.c).
final class KillPoints {
  let environment: [String: String?]
  private let folder: ScratchDirectory
  private var orders: [KillPoint.Victim: Order] = [:]

  init() async throws {
    folder = try ScratchDirectory()
    environment = ["LD_PRELOAD": try await preloadable("kill", in: folder), "STENO_SHIM_KILL": folder.path]
    for victim in KillPoint.Victim.allCases {
      orders[victim] = try Order(folder.write(victim.rawValue, [UInt8](repeating: 0, count: 12)))
    }
  }

  func arm(_ point: KillPoint) { orders[point.victim]?.give(point) }

  /// From now on nothing dies by it.
  ///
  /// - Returns: Whether the call was reached: then the program is dead, or is about to be when the call returns.
  func disarm(_ victim: KillPoint.Victim) -> Bool { orders[victim]?.takeBack() == true }

  /// The file that a program has mapped too.
  private final class Order {
    private let memory: UnsafeMutableRawPointer
    private var left: UnsafeMutablePointer<Atomic<Int32>> { (memory + 4).assumingMemoryBound(to: Atomic<Int32>.self) }

    init(_ path: String) throws {
      let file = open(path, O_RDWR | O_CLOEXEC)
      defer { close(file) }
      guard let memory = mmap(nil, 12, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED else {
        throw Surroundings.Trouble("map \(path)", errno)
      }
      self.memory = memory
    }

    deinit { munmap(memory, 12) }

    func give(_ point: KillPoint) {
      memory.storeBytes(of: point.call.rawValue, as: UInt32.self)
      memory.storeBytes(of: point.isAfter ? 1 : 0, toByteOffset: 8, as: UInt32.self)
      left.pointee.store(Int32(point.number), ordering: .releasing)
    }

    func takeBack() -> Bool { left.pointee.exchange(0, ordering: .acquiringAndReleasing) <= 0 }
  }
}
