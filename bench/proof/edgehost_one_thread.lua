-- For proofs that count the CPU time of one core.
return { threads = 1, log_level = "error" }
