-- For workers whose top level takes long or keeps much.
return { threads = 2, log_level = "error", startup = { cpu_ms = 10000, memory_mb = 128 } }
