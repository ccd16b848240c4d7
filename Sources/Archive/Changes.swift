package import Identity
import Synchronization

/// Tells whoever asks which recordings have changed. What changes often counts once until it is taken.
package final class Changes: Sendable {
  private struct Subscriber {
    var changed: Set<RecordingID> = []
    let bell: @Sendable () -> Void
  }

  private let subscribers = Mutex<(next: Int, all: [Int: Subscriber])>((0, [:]))

  /// - Parameter bell: Called when there is something to take; returns at once.
  /// - Returns: A number for ``take(_:)`` and ``unsubscribe(_:)``.
  package func subscribe(bell: @escaping @Sendable () -> Void) -> Int {
    subscribers.withLock { subscribers in
      subscribers.next += 1
      subscribers.all[subscribers.next] = Subscriber(bell: bell)
      return subscribers.next
    }
  }

  package func unsubscribe(_ number: Int) { subscribers.withLock { $0.all[number] = nil } }

  /// What has changed since the last time.
  package func take(_ number: Int) -> Set<RecordingID> {
    subscribers.withLock { subscribers in
      let changed = subscribers.all[number]?.changed ?? []
      subscribers.all[number]?.changed = []
      return changed
    }
  }

  func note(_ recordings: [RecordingID]) {
    if recordings.isEmpty { return }
    let bells = subscribers.withLock { subscribers in
      for number in subscribers.all.keys { subscribers.all[number]?.changed.formUnion(recordings) }
      return subscribers.all.values.map(\.bell)
    }
    for bell in bells { bell() }
  }
}
