-- For loads that end badly on purpose: a line for each of them would be measured too.
return { threads = 2, log_level = "error" }
