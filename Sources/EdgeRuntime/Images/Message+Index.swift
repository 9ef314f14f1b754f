import EdgeIsolate

// Lists and compound values in flat messages. A list is its count and then its members' fields, one after the other.

extension MessageReader {
    mutating func readText() throws(MessageError) -> String {
        String(decoding: try self.readBytes(), as: UTF8.self)
    }

    mutating func readList<Member>(
        _ member: (inout MessageReader) throws(MessageError) -> Member
    ) throws(MessageError) -> [Member] {
        let count = Int(clamping: try self.readInteger())
        guard count >= 0 else { throw .malformed }
        var members: [Member] = []
        members.reserveCapacity(min(count, 65_536))
        for _ in 0..<count {
            members.append(try member(&self))
        }
        return members
    }

    mutating func readFingerprint() throws(MessageError) -> Fingerprint {
        let high = UInt64(bitPattern: try self.readInteger())
        return Fingerprint(high: high, low: UInt64(bitPattern: try self.readInteger()))
    }

    mutating func readIdentity() throws(MessageError) -> FileIdentity {
        FileIdentity(
            device: UInt64(bitPattern: try self.readInteger()),
            inode: UInt64(bitPattern: try self.readInteger()),
            size: Int(try self.readInteger()),
            modifiedNanoseconds: Int(try self.readInteger()),
            changedNanoseconds: Int(try self.readInteger())
        )
    }

    mutating func readIndex(below count: Int) throws(MessageError) -> Int {
        let index = Int(clamping: try self.readInteger())
        guard (0..<count).contains(index) else { throw .malformed }
        return index
    }

    mutating func readModules(files: Int) throws(MessageError) -> [StartIndex.Module] {
        try self.readList { reader throws(MessageError) in
            StartIndex.Module(name: try reader.readText(), file: try reader.readIndex(below: files))
        }
    }
}

extension MessageWriter {
    mutating func writeList<Member>(_ members: [Member], _ write: (Member, inout MessageWriter) -> Void) {
        self.write(Int64(members.count))
        for member in members {
            write(member, &self)
        }
    }

    mutating func write(_ fingerprint: Fingerprint) {
        self.write(Int64(bitPattern: fingerprint.high))
        self.write(Int64(bitPattern: fingerprint.low))
    }

    mutating func write(_ identity: FileIdentity) {
        self.write(Int64(bitPattern: identity.device))
        self.write(Int64(bitPattern: identity.inode))
        self.write(Int64(identity.size))
        self.write(Int64(identity.modifiedNanoseconds))
        self.write(Int64(identity.changedNanoseconds))
    }

    mutating func writeModules(_ modules: [StartIndex.Module]) {
        self.writeList(modules) { module, writer in
            writer.write(module.name)
            writer.write(Int64(module.file))
        }
    }
}
