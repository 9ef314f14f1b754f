# edgehost: one verb a habit. `make help` lists them; ARGS="..." passes arguments on, as in
# `make run ARGS="--listen 127.0.0.1:9000"` or `make test ARGS="--filter TidyTests"`.

SWIFT ?= swift
PREFIX ?= /usr/local
ARGS ?=

PRODUCT := edgehost
BINARY := .build/release/$(PRODUCT)
FORMATTED := Package.swift Sources Tests

# The folder of the patched Lua comes first in the linker's search; where there is none, the system's archive serves.
LUA := lua=$$(.ci/lua)
LINK_LUA := $${lua:+-Xlinker "-L$$lua"}

# Overlapping accesses are looked for by the tests; docs/decisions/0017-request-path.md.
RELEASE := -Xswiftc -enforce-exclusivity=unchecked

.DEFAULT_GOAL := help
.PHONY: help build run dev test test-asan test-faults test-tsan fuzz lint format bench gate install clean setup-build setup-test

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: setup-build ## make .build/release/edgehost (release, the Swift library linked statically)
	$(LUA) && $(SWIFT) build -c release --static-swift-stdlib --disable-local-rpath --product $(PRODUCT) $(RELEASE) $(LINK_LUA) $$(.ci/link)

run: build ## build, then serve ./workers (edgehost serve $(ARGS))
	$(BINARY) serve $(ARGS)

dev: build ## build, then serve ./workers and reload what is saved (edgehost dev $(ARGS))
	$(BINARY) dev $(ARGS)

test: setup-test ## build and run every test (swift test $(ARGS))
	$(LUA) && $(SWIFT) test $(LINK_LUA) $(ARGS)

test-asan: setup-test ## run Lua scripts under AddressSanitizer: fixtures and hostile ones, or $(ARGS)
	@.lua/asan/run $(ARGS)

test-faults: setup-test ## let each allocation of the C code fail in turn, for the scripts of Tests/Faults or $(ARGS)
	@Tests/Faults/run $(ARGS)

test-tsan: setup-test ## run the Swift tests under ThreadSanitizer (swift test $(ARGS))
	@.ci/tsan/run $(ARGS)

fuzz: setup-test ## fuzz each target of Tests/FuzzTests for 30 s; TARGET=json SECONDS=60 for one, longer
	@FUZZ_TARGET="$(TARGET)" FUZZ_SECONDS="$(or $(SECONDS),30)" Tests/FuzzTests/Driver/run $(ARGS)

lint: ## check the format of all Swift code; changes nothing
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)

format: ## format all Swift code in place
	$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

bench: build ## build, run the whole bench suite in minutes, render its report (bench/run all $(ARGS))
	bench/run all $(ARGS)

gate: build ## count what a warm request costs: allocations, instructions, system calls (bench/gate/run $(ARGS))
	bench/gate/run $(ARGS)

install: build ## install the executable into $(DESTDIR)$(PREFIX)/bin
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/$(PRODUCT)"

clean: ## remove what was built
	rm -rf .build .build-lua .build-asan .build-tsan .build-fuzz

setup-build:
	@.ci/setup build

setup-test:
	@.ci/setup test
