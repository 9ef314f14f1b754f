/// The parts of a request target, as ranges of it.
struct RequestTarget {
    /// Empty when an absolute target has no path: then the path is `/`, or `*` with OPTIONS.
    var path: Range<Int>
    /// Without its `?`.
    var query: Range<Int>
    /// The authority of an absolute target; nil for the other forms.
    var host: Range<Int>?

    /// Takes apart a target in origin form (`/path?query`), absolute form (`http://host/path`), or `*`.
    ///
    /// Precondition: all bytes are in ``ByteClass/target``, and there is at least one.
    init(_ target: UnsafeRawBufferPointer, isOptions: Bool) throws(HTTPRequestError) {
        var pathStart = 0
        if target[0] != UInt8(ascii: "/") {
            if target.count == 1, target[0] == UInt8(ascii: "*"), isOptions {
                (self.path, self.query) = (0..<1, 1..<1)
                return
            }
            let authority = try Self.authority(of: target)
            self.host = authority
            pathStart = authority.upperBound
        }
        let rest = UnsafeRawBufferPointer(rebasing: target[pathStart...])
        guard let mark = FieldText.firstIndex(of: UInt8(ascii: "?"), in: rest) else {
            self.path = pathStart..<target.count
            self.query = target.count..<target.count
            return
        }
        self.path = pathStart..<(pathStart + mark)
        self.query = (pathStart + mark + 1)..<target.count
    }

    private static func authority(of target: UnsafeRawBufferPointer) throws(HTTPRequestError) -> Range<Int> {
        let start: Int
        if FieldText.hasPrefix(target, "http://") {
            start = 7
        } else if FieldText.hasPrefix(target, "https://") {
            start = 8
        } else {
            throw HTTPRequestError(.invalidTarget)
        }
        var end = start
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?") { end += 1 }
        let authority = UnsafeRawBufferPointer(rebasing: target[start..<end])
        guard !authority.isEmpty, HostSyntax.isValid(authority) else { throw HTTPRequestError(.invalidHost) }
        return start..<end
    }
}
