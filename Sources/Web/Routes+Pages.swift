import API
import HTTPTypes
import Hummingbird
import NIOCore

/// The pages, their files, and what describes the rest.
extension Routes {
  /// What a page of ours may do: run and fetch what comes from here. asciinema-player's terminal is WebAssembly, which
  /// needs a word of its own (THREATS 21).
  static let contentSecurityPolicy = """
    default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'
    """

  static let pageRoutes =
    ["/", "/recordings", "/recordings/{id}", "/hosts"].map { path in
      Route(.get, path, .anybody, "The page", answer: .content("text/html", "A page for people")) { routes, ask in
        routes.answer(routes.assets.page, ask.request)
      }
    } + [
      Route(
        .get, "/assets/{release}/{name}", .anybody, "A file of the pages",
        answer: .content("application/octet-stream", "The file, as its name says")
      ) { routes, ask in
        let name = ask.context.parameters.get("name") ?? ""
        let isForEver = routes.assets.isForEver(ask.context.parameters.get("release") ?? "")
        let asset = name == Assets.pageName ? nil : routes.assets.asset(name)
        return routes.answer(asset, ask.request, isForEver: isForEver)
      },
      Route(.get, "/healthz", .anybody, "Whether it answers", answer: .content("text/plain", "ok")) { _, _ in
        Response(
          status: .ok, headers: [.contentType: "text/plain"], body: .init(byteBuffer: ByteBuffer(string: "ok\n")))
      },
      Route(
        .get, "/v1/openapi.json", .anybody, "This document", answer: .content("application/json", "OpenAPI 3.1")
      ) { _, _ in json(try encoded(OpenAPI.document)) },
    ]

  func answer(
    _ asset: Assets.Asset?, _ request: Request, status: HTTPResponse.Status = .ok, isForEver: Bool = false
  ) -> Response {
    guard let asset else {
      return Response(
        status: .notFound, headers: [.contentType: "text/plain; charset=utf-8"],
        body: .init(
          byteBuffer: ByteBuffer(string: "no such file; those of asciinema-player come with `make deps`\n")))
    }
    let packed = Packing.isWanted(request) ? asset.packed : nil
    // Other bytes, so another tag.
    let tag = packed == nil ? asset.tag : asset.tag.dropLast() + "-gzip\""
    var headers: HTTPFields = [
      .contentType: asset.contentType, .eTag: tag, .vary: "accept-encoding",
      .contentSecurityPolicy: Self.contentSecurityPolicy,
      .cacheControl: isForEver ? "public, max-age=31536000, immutable" : "no-cache",
      .referrerPolicy: "no-referrer", .crossOriginOpenerPolicy: "same-origin",
      .crossOriginResourcePolicy: "same-origin",
    ]
    if status == .ok, request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
    if packed != nil { headers[.contentEncoding] = "gzip" }
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: packed ?? asset.bytes)))
  }
}

/// Answers a path that no route has: a browser gets the page, which says so and leads back; all else is a problem.
struct UnknownPaths: RouterMiddleware {
  let routes: Routes

  func handle(
    _ request: Request, context: CentreContext, next: (Request, CentreContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let isPage = request.method == .get && !request.uri.path.hasPrefix("/v1/")
      if isPage { return routes.answer(routes.assets.page, request, status: .notFound) }
      return try json(Problem(error: "not-found", why: "there is no such route"), status: .notFound)
    }
  }
}

extension HTTPField.Name {
  // Names of letters and dashes are names.
  static let referrerPolicy = HTTPField.Name("referrer-policy")!
  static let crossOriginOpenerPolicy = HTTPField.Name("cross-origin-opener-policy")!
  static let crossOriginResourcePolicy = HTTPField.Name("cross-origin-resource-policy")!
}
