import CBench
import Glibc

/// How much of the machine other programs used meanwhile: what the figures in time are worth.
///
/// Only time in user mode is counted. The kernel works for the terminals under measurement in threads of its own, and
/// that cannot be told from what it does for others.
struct Disturbance {
  private let others = Self.othersSeconds
  private let start = Self.now

  /// Share of all cores since this value was made, 0…1.
  var share: Double {
    let cores = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    return min(1, max(0, (Self.othersSeconds - others) / ((Self.now - start) * cores)))
  }

  /// User time of all processes since boot, less that of this one and of those that it has waited for.
  private static var othersSeconds: Double {
    let fields = lines(ofFile: "/proc/stat").first?.split(separator: " ").dropFirst().prefix(2) ?? []
    let ticks = fields.compactMap { Double($0) }.reduce(0, +)
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK))) - userSeconds(RUSAGE_SELF) - userSeconds(RUSAGE_CHILDREN)
  }

  private static func userSeconds(_ who: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(who.rawValue, &usage)
    return Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
  }

  private static var now: Double { Double(bench_now()) / 1e9 }
}
