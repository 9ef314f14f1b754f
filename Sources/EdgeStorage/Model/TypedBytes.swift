extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of the error, which the standard library's form widens to `any Error`.
    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws(KVError) -> Value) throws(KVError) -> Value {
        let result = self.withUnsafeBytes { bytes in
            Result { () throws(KVError) in try body(bytes) }
        }
        return try result.get()
    }
}
