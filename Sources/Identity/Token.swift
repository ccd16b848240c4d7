import Crypto
package import FoundationEssentials

/// Tokens are kept as SHA-256: whoever reads the catalogue cannot use them. They are random, so no salt is needed.
package func tokenHash(_ token: String) -> Data { Data(SHA256.hash(data: Data(token.utf8))) }

/// 32 random bytes, base64url.
package func newToken() -> String {
  randomBytes(32).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

package func randomBytes(_ count: Int) -> Data {
  var generator = SystemRandomNumberGenerator()
  return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
}
