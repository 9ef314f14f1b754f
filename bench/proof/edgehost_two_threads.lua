-- For proofs with attacks and honest requests side by side; each kill is logged with its CPU time.
return { threads = 2, log_level = "warning" }
