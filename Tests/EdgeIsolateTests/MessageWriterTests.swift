import EdgeIsolate
import Testing

@Suite struct MessageWriterTests {
    @Test("a message grows as far as it must, and what was written before stays")
    func grows() throws {
        let small = [UInt8](repeating: 0x61, count: 700)
        let large = [UInt8](repeating: 0x62, count: 3 << 20)
        var writer = MessageWriter()
        for _ in 0..<2 {
            writer.removeAll()
            writer.beginArray(count: 4)
            writer.write(small)
            let mark = writer.beginNested()
            writer.beginArray(count: 2)
            writer.write(small)
            writer.write(Int64(-1))
            writer.endNested(mark)
            writer.write(large)
            writer.write(0.5)
            let value = try writer.withUnsafeBytes { bytes in
                var reader = MessageReader(bytes)
                return try reader.readValue()
            }
            guard case .array(let members) = value, case .string(let nested) = members[1] else {
                Issue.record("no array of four")
                return
            }
            #expect(members[0] == .string(small) && members[2] == .string(large) && members[3] == .number(0.5))
            let inner = try nested.withUnsafeBytes { bytes in
                var reader = MessageReader(bytes)
                return try reader.readValue()
            }
            #expect(inner == .array([.string(small), .integer(-1)]))
        }
    }

    @Test("an empty string and an empty message are what they say")
    func empty() throws {
        var writer = MessageWriter()
        #expect(writer.bytes.isEmpty)
        writer.write("")
        let value = try writer.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            return try reader.readValue()
        }
        #expect(value == .string([]))
        writer.replace(with: [])
        #expect(writer.bytes.isEmpty)
    }
}
