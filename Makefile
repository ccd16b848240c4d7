# Steno's commands. Each target does one thing; `make help` lists them.
#
# make run and make test are all that a fresh Debian 12 with Swift 6.3 needs: they install what is missing (listed first;
# root or sudo), build, and go. Every way of building has a scratch folder of its own, so that none undoes another's work.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

DESTDIR ?=
PREFIX ?= /usr
FUZZ_SECONDS ?= 60
SCHEDULES ?= 10000
EXAMPLES ?= 200

# What a login runs is built without the Swift runtime, tlog-play with it linked in. The centre's programs bring packages:
# make run and make test share one debug build of those; make release makes what is installed. stenod comes first, since
# its build is most of the others'.
login := tlog-rec tlog-rec-session
centre := stenod steno steno-agent

# Everything built into .build is built with the same flags, or each target would undo another's work. Nobody debugs
# BoringSSL's C++: it is compiled without debug information, a tenth quicker.
debug := swift build --scratch-path .build -Xcxx -g0
static := swift build -c release --static-swift-stdlib --disable-local-rpath --scratch-path .build-static
embedded := STENO_EMBEDDED=1 swift build -c release --scratch-path .build-embedded --disable-local-rpath
login_tests := EventsTests|CaptureTests
# What shells complete for the programs that say so themselves; `make documents` makes it for the others.
completions := install -d bin/completions; for program in steno stenod; do \
  bin/$$program --generate-completion-script bash >bin/completions/$$program.bash; \
  bin/$$program --generate-completion-script zsh >bin/completions/_$$program; \
  bin/$$program --generate-completion-script fish >bin/completions/$$program.fish; done

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: ## record a shell, build the centre meanwhile, record one through it, and show what it has
	@tools/deps build demo
	@$(embedded) --product tlog-rec
	@install -d bin && strip -o bin/tlog-rec .build-embedded/release/tlog-rec
	@tools/demo

.PHONY: test
test: ## build and run all tests; skipped ones are named
	@tools/deps build test
	@$(MAKE) --no-print-directory build
	@Tests/HostRoot/make-root || echo 'test: no tree to boot: the tests that need a whole host will be skipped'
	$(debug) --build-tests
	@tools/run-tests

# The seed is printed first: STENO_SEED=N make soak runs the same schedules again.
.PHONY: soak
soak: ## run 10 000 seeded schedules of kills (SCHEDULES, STENO_SEED), and 200 invented requests a route (EXAMPLES)
	@tools/deps build test
	@$(MAKE) --no-print-directory build
	$(debug) --build-tests
	@export STENO_SCHEDULES=$(SCHEDULES) STENO_SEED=$${STENO_SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; \
	  echo "soak: $$STENO_SCHEDULES schedules from STENO_SEED=$$STENO_SEED"; \
	  STENO_EXAMPLES=$(EXAMPLES) tools/run-tests --filter 'ScheduleTests|OpenAPITests'

.PHONY: build
build: announce build-login build-centre ## make the programs in bin/, the centre's for testing

.PHONY: build-centre
build-centre:
	@install -d bin
	@for program in $(centre); do $(debug) --product "$$program"; install -C -t bin ".build/debug/$$program"; done
	@$(completions)

.PHONY: release
release: build-login ## make the programs in bin/ as they are installed
	@for program in $(centre); do $(static) --product "$$program"; strip -o "bin/$$program" ".build-static/release/$$program"; done
	@$(completions)

.PHONY: announce
announce:
	@test -x .build/debug/stenod || printf 'build: %s\n' \
	  'the first time takes minutes, later ones seconds: the recorders, the player,' \
	  'then the packages of the centre (fetched) and its programs; each step counts what it has left' >&2

.PHONY: build-login
build-login:
	$(embedded)
	@install -d bin
	@for program in $(login); do strip -o "bin/$$program" ".build-embedded/release/$$program"; done
	STENO_CENTRE=0 $(static)-play --product tlog-play
	@strip -o bin/tlog-play .build-static-play/release/tlog-play

.PHONY: check
check: ## format, layers, warnings, address sanitizer, documents, scripts
	@tools/deps build check
	swift format lint --strict --parallel --recursive Package.swift Sources Tests $(wildcard Benchmarks Fuzz)
	tools/check-layers
	@# where make test builds: everything is built once. STENO_STRICT makes warnings errors in what is ours
	STENO_STRICT=1 $(debug) --build-tests
	STENO_STRICT=1 $(embedded)
	@# lld, since gold prints a hundred warnings about the sanitizer's own symbols
	@# STENO_CENTRE=0: no packages, whose imports are not ours to check
	STENO_CENTRE=0 swift build --build-tests --scratch-path .build-asan --sanitize=address -Xswiftc -use-ld=lld \
	  --explicit-target-dependency-import-check error
	STENO_CENTRE=0 LSAN_OPTIONS=suppressions=tools/leaks.txt:print_suppressions=0 swift test --skip-build --scratch-path .build-asan \
	  --sanitize=address --quiet --disable-xctest --filter '$(login_tests)'
	.build/debug/make-documents --check .
	tools/check-documents
	tools/check-scripts

# Nothing but the results goes to stdout: scripts read them (ARGUMENTS=--json).
.PHONY: bench
bench: ## measure beside a bare pty, script, stock tlog, systemd-journal-remote and others
	@tools/deps build bench >&2
	@$(MAKE) --no-print-directory release >&2
	@SCRATCH=.build-bench Benchmarks/run $(ARGUMENTS)

.PHONY: bench-long
bench-long: ## hold 10 000 live recordings of 500 hosts for five minutes (STENO_BENCH_MINUTES)
	@$(MAKE) --no-print-directory bench ARGUMENTS='--only long $(ARGUMENTS)'

.PHONY: fuzz
fuzz: ## fuzz the readers of what comes from outside
	@tools/deps build
	Fuzz/run $(FUZZ_SECONDS)

.PHONY: documents
documents: ## make manual pages, configuration files and completions from the option table
	$(debug) --product make-documents
	.build/debug/make-documents .

.PHONY: deps
deps: ## install what the targets above need and the machine lacks
	@tools/deps build demo test check bench

.PHONY: screenshots
screenshots: build ## make docs/screenshots again
	@tools/deps build screenshots
	tools/screenshots

.PHONY: test-root
test-root: ## make the Debian tree that the host tests boot
	@Tests/HostRoot/make-root

.PHONY: install
install: ## put the programs of make release, pages, users and folders in place (DESTDIR, PREFIX)
	@tools/install install '$(DESTDIR)' '$(PREFIX)'

.PHONY: uninstall
uninstall: ## take them away again; recordings and configuration stay
	@tools/install uninstall '$(DESTDIR)' '$(PREFIX)'

.PHONY: clean
clean: ## remove everything that was built
	rm -rf .build .build-* bin
