# The commands of this repository. Each installs what it needs and says what it does; see README.md.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Shared between clones, so that dependencies compile once.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/cashier/target

BINDGEN_VERSION := $(shell sed -n 's/^wasm-bindgen = { version = "=\([0-9.]*\)".*/\1/p' Cargo.toml)
SITE := target/site
WASM := $(CARGO_TARGET_DIR)/wasm32-unknown-unknown/wasm-release/cashier.wasm
NPM := end2end/node_modules/.installed
# What the browser needs of the sources: a change anywhere else leaves the site as it is.
SITE_SOURCES := $(shell find src/model src/rpc src/ui style public -type f 2>/dev/null) src/lib.rs Cargo.toml Cargo.lock

.PHONY: help run test torture bench release lint unit journeys guides site tools clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: site ## build everything and start the demo on http://127.0.0.1:3000
	@echo "== building the server"
	cargo build --features ssr
	$(CARGO_TARGET_DIR)/debug/cashier demo

test: unit journeys ## all tests: unit, integration on SQLite and PostgreSQL, browser journeys

unit: tools
	@echo "== unit and integration tests, on SQLite and on a PostgreSQL started for them"
	cargo build --features ssr # some tests start the program itself
	.ci/with-postgres cargo test --features ssr

journeys: site
	@echo "== browser journeys"
	.ci/need-chromium
	cargo build --features ssr
	cd end2end && CASHIER=$(CARGO_TARGET_DIR)/debug/cashier npx playwright test

torture: tools ## the tests of faults again, many times longer: hours
	cargo build --features ssr
	TORTURE=1 FUZZ_SECONDS=60 .ci/with-postgres cargo test --features ssr

bench: release ## print the benchmark figures, beside limits measured in the same run
	.ci/with-postgres $(CARGO_TARGET_DIR)/release/cashier-bench --cashier dist/cashier --site dist/site

release: site ## the optimised build, in dist/
	@echo "== building the optimised server"
	cargo build --release --features ssr
	rm -rf dist && mkdir -p dist
	cp $(CARGO_TARGET_DIR)/release/cashier dist/
	cp -r $(SITE) dist/site
	@ls -lh dist/cashier

lint: tools ## formatting and clippy, for the server and for the browser
	cargo fmt --check
	cargo clippy --all-targets --features ssr -- -D warnings
	cargo clippy --lib --target wasm32-unknown-unknown --features hydrate -- -D warnings

guides: tools ## rewrite the generated parts of docs/channels from the declarations
	REWRITE_GUIDES=1 cargo test --lib --features ssr tests::channel_guides

site: $(SITE)/pkg/cashier.css

$(SITE)/pkg/cashier.css: $(SITE_SOURCES) end2end/site.mjs Makefile $(NPM) | tools
	@echo "== building the browser's part"
	cargo build --lib --target wasm32-unknown-unknown --features hydrate --profile wasm-release
	rm -rf $(SITE) && mkdir -p $(SITE)/pkg
	cp -r public/. $(SITE)/
	wasm-bindgen --target web --no-typescript --out-name cashier --out-dir $(SITE)/pkg $(WASM)
	end2end/node_modules/.bin/wasm-opt -Oz --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
	  --enable-mutable-globals --enable-reference-types --enable-multivalue \
	  $(SITE)/pkg/cashier_bg.wasm -o $(SITE)/pkg/cashier.wasm
	rm $(SITE)/pkg/cashier_bg.wasm
	sed -i 's/cashier_bg\.wasm/cashier.wasm/g' $(SITE)/pkg/cashier.js
	node end2end/site.mjs $(SITE)

$(NPM): end2end/package-lock.json
	@echo "== installing the tools from npm"
	cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
	@touch $@

tools:
	@.ci/need-rust $(BINDGEN_VERSION)

clean: ## remove what was built here (the shared cargo cache stays)
	rm -rf target dist end2end/node_modules end2end/results
