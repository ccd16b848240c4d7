import API
package import Access
package import Archive
package import Fleet
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Logging
import NIOCore
package import Viewing

/// The centre's routes. Each says who may use it; what is not named in ``all`` is refused.
package struct Routes: Sendable {
  let archive: Archive
  let fleet: Fleet
  let sessions: Sessions
  let projector: Projector
  let metrics: Metrics
  let assets: Assets
  /// A stream says so often that it is alive, and it is looked whether its viewer may still see it.
  let streamInterval: Duration
  /// Milliseconds since the Epoch.
  let now: @Sendable () -> Int64
  let gate = HostGate()
  /// Names this start of the centre (``API/HeadsAnswer``).
  let start = String(UInt64.random(in: .min ... .max), radix: 36)

  /// - Parameter assetFolder: Where the pages are read from for each request, by those who work on them; nil for those in
  ///   the program.
  package init(
    archive: Archive, fleet: Fleet, sessions: Sessions, projector: Projector, metrics: Metrics,
    streamInterval: Duration = .seconds(15), assetFolder: String? = nil, now: @escaping @Sendable () -> Int64
  ) {
    self.archive = archive
    self.fleet = fleet
    self.sessions = sessions
    self.projector = projector
    self.metrics = metrics
    self.streamInterval = streamInterval
    assets = Assets(folder: assetFolder)
    self.now = now
  }

  static let all = pageRoutes + hostRoutes + sessionRoutes + accountRoutes + listRoutes + recordingRoutes

  var router: Router<CentreContext> {
    let router = Router(context: CentreContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: UnknownPaths(routes: self))
    for route in Self.all {
      router.on(route.routerPath, method: route.method) { request, context in
        try await answer(route, request, context)
      }
    }
    return router
  }

  /// What a route gives, or what is wrong as an answer.
  private func answer(_ route: Route, _ request: Request, _ context: CentreContext) async throws -> Response {
    do {
      let person: Person? =
        if case .role(let role) = route.rights { try await admit(request, context, role) } else { nil }
      let ask = Ask(request: request, context: context, person: person)
      var response = try await route.handle(self, ask)
      // What has a length is in memory already.
      if person != nil, response.body.contentLength == nil {
        response.body = watched(response.body, ask, isUse: route.isUse, farewell: route.farewell)
      }
      if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
      response.headers[.xContentTypeOptions] = "nosniff"
      return try await Packing.packed(response, for: request)
    } catch let problem as Problem {
      metrics.count(refusal: problem.error)
      let headers: HTTPFields = problem.error == "rate" ? [.retryAfter: "1"] : [:]
      return try json(problem, status: status(of: problem), headers: headers)
    } catch SignInRefusal.later(let seconds) {
      metrics.count(refusal: "later")
      let problem = Problem(error: "later", why: "too many attempts have failed: wait \(seconds) s")
      return try json(problem, status: .tooManyRequests, headers: [.retryAfter: String(seconds)])
    } catch ArchiveError.full {
      metrics.count(refusal: "full")
      return try json(Problem(error: "full", why: "the centre has too little room"), status: .init(code: 507))
    } catch let error where !(error is HTTPError || error is CancellationError) {
      // What the database or the system says holds no recorded text; the sender gets none of it.
      context.logger.error("request failed", metadata: ["path": "\(route.path)", "error": "\(sentence(of: error))"])
      return try json(Problem(error: "failed", why: "the centre failed; try again"), status: .internalServerError)
    }
  }

  private func status(of problem: Problem) -> HTTPResponse.Status {
    switch problem.error {
    case "no-certificate", "no-token", "sign-in": .unauthorized
    case "foreign-host", "revoked", "token", "unknown-key", "role", "csrf", "signature": .forbidden
    case "enrolled", "ambiguous", "not-live": .conflict
    case "not-found": .notFound
    case "too-long": .contentTooLarge
    case "busy": .serviceUnavailable
    case "rate": .tooManyRequests
    default: .badRequest
    }
  }

  // MARK: - Who asks

  /// Whoever asks, if they may.
  private func admit(_ request: Request, _ context: CentreContext, _ role: AccessRole) async throws -> Person {
    guard let person = try await person(request, context) else {
      throw Problem(error: "no-token", why: "this needs an access token, or signing in")
    }
    if let csrf = person.csrf, request.method != .get, request.method != .head, request.headers[.stenoCSRF] != csrf {
      throw Problem(error: "csrf", why: "x-steno-csrf is not what /v1/session says")
    }
    guard person.role.isAtLeast(role) else {
      throw Problem(error: "role", why: "this needs the role \(role.rawValue)")
    }
    return person
  }

  /// - Parameter isUse: Whether it keeps a session from ending for want of use.
  func person(_ request: Request, _ context: CentreContext, isUse: Bool = true) async throws -> Person? {
    if await context.isLocal { return .local }
    if let field = request.headers[.authorization] {
      guard field.hasPrefix("Bearer ") else { return nil }
      return try await archive.person(ofToken: String(field.dropFirst(7)))
    }
    guard let cookie = request.stenoCookie else { return nil }
    return try await sessions.person(ofCookie: cookie, now: now(), isUse: isUse)
  }
}

extension HTTPField.Name {
  // A name of letters and dashes is one.
  static let stenoCSRF = HTTPField.Name("x-steno-csrf")!
}

extension Request {
  static let cookieName = "__Host-steno"

  var stenoCookie: String? {
    headers[.cookie]?.split(separator: ";").map { $0.drop { $0 == " " } }
      .first { $0.hasPrefix(Self.cookieName + "=") }.map { String($0.dropFirst(Self.cookieName.count + 1)) }
  }
}

func json(
  _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
) throws -> Response {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return json([UInt8](try encoder.encode(value)), status: status, headers: headers)
}

/// - Parameter bytes: JSON already.
func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
  var headers = headers
  headers[.contentType] = "application/json"
  if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
  return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
}
