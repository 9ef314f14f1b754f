/// Fills a piece of memory from its start. The caller has made it large enough.
struct ByteWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    @inline(__always)
    mutating func write(_ text: UnsafeRawBufferPointer) {
        guard let source = text.baseAddress, let base = self.memory.baseAddress else { return }
        precondition(text.count <= self.memory.count &- self.count, "the space for a response was counted too small")
        (base + self.count).copyMemory(from: source, byteCount: text.count)
        self.count &+= text.count
    }

    @inline(__always)
    mutating func write(_ text: StaticString) {
        self.write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(decimal number: Int) {
        self.write(number, radix: 10)
    }

    mutating func write(hexadecimal number: Int) {
        self.write(number, radix: 16)
    }

    private mutating func write(_ number: Int, radix: Int) {
        precondition(number >= 0, "lengths and status codes are not negative")
        var digits = 1
        var rest = number / radix
        while rest > 0 {
            digits += 1
            rest /= radix
        }
        precondition(digits <= self.memory.count - self.count, "the space for a response was counted too small")
        rest = number
        for index in stride(from: self.count + digits - 1, through: self.count, by: -1) {
            let digit = UInt8(rest % radix)
            self.memory[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            rest /= radix
        }
        self.count += digits
    }
}
