/// The problem document of one outcome and worker, ready but for the id of the request: an overloaded server sends thousands a
/// second, which differ in nothing else.
struct PreparedProblem {
    let head: HTTPResponseHead
    private let text: [UInt8]
    /// Where the id lies.
    private let id: Range<Int>

    init(outcome: Outcome, worker: String) {
        let document = ProblemDocument(outcome: outcome, worker: worker, requestID: RequestID(high: 0, low: 0))
        self.head = document.head
        self.text = document.body
        let end = self.text.count - ProblemDocument.lengthAfterID
        self.id = end - RequestID.textLength..<end
        assert(self.text[self.id].allSatisfy { $0 == UInt8(ascii: "0") }, "the id lies at the document's end")
    }

    /// Calls `body` with the document; the pointer is valid inside the call only.
    func withBody(of requestID: RequestID, _ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: self.text.count, alignment: 1) { copy in
            copy.copyBytes(from: self.text)
            requestID.write(into: UnsafeMutableRawBufferPointer(rebasing: copy[self.id]))
            body(UnsafeRawBufferPointer(copy))
        }
    }
}
