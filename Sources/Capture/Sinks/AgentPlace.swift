import CSys
import Events
import Options
import SystemCalls

/// Where a recorder finds its agent, what it takes for one, and where it records when there is none.
package struct AgentPlace {
  /// Its owner is whom the agent runs as: made by systemd-tmpfiles(8), so that no user database is asked.
  private static var agentsDirectory: StaticString { "/var/lib/steno-agent" }
  /// Recorders can make files there, and cannot list them; the agent adopts them.
  private static var adoptionDirectory: StaticString { "/var/lib/steno-rec/adopt/" }

  package let socketPath: [UInt8]
  /// Ends in a slash. nil for a recorder without rights of its own: it has no place of its own to write to.
  package let adoptionPath: [UInt8]?
  /// The person, who may run an agent of their own for recorders without rights of their own.
  private let user: UInt32?

  /// - Parameters:
  ///   - isPrivileged: The recorder has rights that the person lacks.
  ///   - adoptionPath: Replaces the usual place of a privileged recorder.
  package init(socketPath: [UInt8], isPrivileged: Bool, user: UInt32, adoptionPath: [UInt8]? = nil) {
    self.socketPath = socketPath
    self.adoptionPath = isPrivileged ? adoptionPath ?? bytes(Self.adoptionDirectory) : nil
    self.user = isPrivileged ? nil : user
  }

  /// Whether an agent that runs as `other` may have what is recorded: root, the agent's own user, and for a person who
  /// records themselves that person.
  package func trusts(_ other: UInt32) -> Bool {
    if other == 0 || other == user { return true }
    var facts = csys_file_facts()
    return withCString(bytes(Self.agentsDirectory)) { csys_stat($0, &facts) } == 0 && facts.owner == other
  }

  /// What it means that the agent was not reached.
  func failure(_ error: SystemError) -> Failure {
    let meaning: StaticString =
      switch error.code {
      case _ where error.meansPeerIsGone: ": no agent is running"
      case EPERM: ": who answers there is not this host's agent"
      case EAGAIN, ETIMEDOUT: ": the agent does not answer"
      default: ""
      }
    return Failure(error, meaning: meaning, bytes("Failed connecting to the agent at \"") + socketPath + bytes("\""))
  }
}
