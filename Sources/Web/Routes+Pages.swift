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
    ["/", "/recordings", "/recordings/{id}"].map { path in
      Route(.get, path, .anybody, "The page", answer: .content("text/html", "A page for people")) { routes, ask in
        routes.answer(routes.assets.page, ask)
      }
    } + [
      Route(
        .get, "/assets/{release}/{name}", .anybody, "A file of the pages",
        answer: .content("application/octet-stream", "The file, as its name says")
      ) { routes, ask in
        let name = ask.context.parameters.get("name") ?? ""
        let isForEver = routes.assets.isForEver(ask.context.parameters.get("release") ?? "")
        return routes.answer(name == Assets.pageName ? nil : routes.assets.asset(name), ask, isForEver: isForEver)
      },
      Route(.get, "/healthz", .anybody, "Whether it answers", answer: .content("text/plain", "ok")) { _, _ in
        Response(
          status: .ok, headers: [.contentType: "text/plain"], body: .init(byteBuffer: ByteBuffer(string: "ok\n")))
      },
      Route(
        .get, "/v1/openapi.json", .anybody, "This document", answer: .content("application/json", "OpenAPI 3.1")
      ) { _, _ in json(try encoded(OpenAPI.document)) },
    ]

  private func answer(_ asset: Assets.Asset?, _ ask: Ask, isForEver: Bool = false) -> Response {
    guard let asset else {
      return Response(
        status: .notFound, headers: [.contentType: "text/plain; charset=utf-8"],
        body: .init(
          byteBuffer: ByteBuffer(string: "no such file; those of asciinema-player come with `make deps`\n")))
    }
    let headers: HTTPFields = [
      .contentType: asset.contentType, .eTag: asset.tag, .contentSecurityPolicy: Self.contentSecurityPolicy,
      .cacheControl: isForEver ? "public, max-age=31536000, immutable" : "no-cache",
      .referrerPolicy: "no-referrer", .crossOriginOpenerPolicy: "same-origin",
      .crossOriginResourcePolicy: "same-origin",
    ]
    if ask.request.headers[.ifNoneMatch] == asset.tag { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: asset.bytes)))
  }
}

extension HTTPField.Name {
  // Names of letters and dashes are names.
  static let referrerPolicy = HTTPField.Name("referrer-policy")!
  static let crossOriginOpenerPolicy = HTTPField.Name("cross-origin-opener-policy")!
  static let crossOriginResourcePolicy = HTTPField.Name("cross-origin-resource-policy")!
}
