import Glibc

/// Where secrets come from: the folder of secrets, if there is one, then the environment. Never logged.
struct Secrets: Sendable {
    let folder: String?

    func value(_ name: String) -> String? {
        if let folder = self.folder, let bytes = readWholeFile("\(folder)/\(name)", limit: 64 << 10) {
            var text = String(decoding: bytes, as: UTF8.self)
            while text.hasSuffix("\n") { text.removeLast() }
            return text
        }
        return getenv(name).map { String(cString: $0) }
    }
}
