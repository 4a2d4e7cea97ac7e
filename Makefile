# Thin wrappers over npm scripts; what they do is in scripts/ and cli/. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test setup dev start bench build lint

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

demo: ## install, build, and run everything with a demo household and live devices
	@node scripts/install-and-build.mjs
	@exec node cli/energy.mjs demo

test: ## install what the tests need, and run every one of them
	@exec node scripts/test-all.mjs

setup: ## install packages and build
	@node scripts/install-and-build.mjs

dev: setup ## run everything, and show changes of the web app at once
	@npm run -s dev

start: setup ## run everything: web, ingest, workers, database, broker
	@exec node cli/energy.mjs start

bench: setup ## measure: BENCH="ingest", "live", …
	@node cli/energy.mjs bench $(BENCH)

build: ## build the web app anew
	@npm run -s build

lint: setup ## check style, formats and types
	@npm run -s lint && npm run -s typecheck
