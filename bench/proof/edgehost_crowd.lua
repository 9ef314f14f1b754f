-- For loads of ten thousand connections and requests at once, all from one address.
return { threads = 2, log_level = "error", connections = { total = 20000, per_address = 20000 } }
