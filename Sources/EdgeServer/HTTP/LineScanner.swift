import Glibc

/// Finds lines that end in CRLF in input that arrives in pieces. Each byte is searched once: what is known to hold
/// no LF is remembered between calls.
struct LineScanner {
    /// Bytes at the start of the unread input that hold no LF.
    private var searched = 0

    /// The next line of `input[offset...]` without its CRLF, or nil when its end has not arrived.
    ///
    /// `maximum` is the longest line allowed, CRLF not counted. The same input gives the same error however it is cut.
    mutating func nextLine(
        in input: UnsafeRawBufferPointer,
        from offset: Int,
        maximum: Int,
        tooLong: HTTPRequestError.Code
    ) throws(HTTPRequestError) -> UnsafeRawBufferPointer? {
        let rest = UnsafeRawBufferPointer(rebasing: input[offset...])
        let unsearched = UnsafeRawBufferPointer(rebasing: rest[self.searched...])
        guard let found = FieldText.firstIndex(of: 0x0a, in: unsearched) else {
            guard rest.count <= maximum &+ 1 else { throw HTTPRequestError(tooLong) }
            self.searched = rest.count
            return nil
        }
        let lineFeed = self.searched &+ found
        self.searched = 0
        guard lineFeed <= maximum &+ 1 else { throw HTTPRequestError(tooLong) }
        guard lineFeed > 0, rest[lineFeed &- 1] == 0x0d else { throw HTTPRequestError(.bareLineFeed) }
        return UnsafeRawBufferPointer(rebasing: rest[..<(lineFeed &- 1)])
    }
}
