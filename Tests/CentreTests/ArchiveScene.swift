import Access
import Archive
import Fleet
import Foundation
import Identity
import TestSupport
import Viewing
import Web

/// An archive in a scratch directory, without a centre around it.
final class ArchiveScene {
  let directory: ScratchDirectory
  let archive: Archive
  let projector: Projector

  init() throws {
    directory = try ScratchDirectory()
    var bounds = ArchiveBounds()
    bounds.freeByteCountMin = 0
    bounds.freePercentMin = 0
    archive = try Archive(directory: URL(fileURLWithPath: directory.path), bounds: bounds)
    projector = Projector(archive: archive)
  }

  func routes() throws -> Routes {
    Routes(
      archive: archive, fleet: Fleet(archive: archive, authority: try Authority(now: Date())),
      sessions: Sessions(archive: archive), projector: projector, metrics: Metrics(), now: { 0 })
  }

  func row(_ recording: MadeRecording) async throws -> RecordingRow? { try await archive.recording(recording.id) }
}
