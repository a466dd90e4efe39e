# The sandbox LMS and the tests. Needs Python 3.11 or newer; everything else goes into .venv.
#
#   make demo                    the sandbox on http://127.0.0.1:8000 (PORT=…), with a worker
#   make demo SIZE=100000        the same, with a large course, too
#   make manage ARGS="…"         a management command in the sandbox, for example ARGS="check"
#   make quick                   the tests that start no process, on all cores (ARGS="…" for pytest)
#   make test                    all tests, on all cores, and their coverage of the code
#   make test ARGS="…"           some tests: arguments for pytest
#   make platform-test           the contract tests in a real platform: EDX_PLATFORM_ROOT=… PYTHON=…
#   make bench SIZE=10000        reports, the platform's built-in one and the floor compared (ARGS="--rounds 5")
#   make bench-all               measure reports, memory and pages, with up to 1,000,000 attempts
#   make bench-site              reports of all courses, with more and more worker processes (MariaDB, Redis, RabbitMQ)
#   make bench-explain           MariaDB's plan of every query (ARGS=--write writes the page)
#   make bench-pages             what the plugin adds to the pages of learners
#   make bench-writer            whether a report slows down changes of the attempts that it reads
#   make bench-page              write docs/references/benchmarks.rst from the figures of the last runs
#   make extract_translations    the catalogue that translations start from (needs gettext)
#   make compile_translations    the catalogues that Django reads, from those that translators write (needs gettext)
#   make dist                    the distributions for PyPI, in dist/: the plugin and the Tutor plugin (needs gettext)
#   make clean                   remove .venv and the sandbox's data
#
# DATABASE_URL=mysql://… and CELERY_BROKER_URL=redis://… or amqp://… select services instead of files in var/.

PYTHON ?= python3
PORT ?= 8000
SIZE ?=
ARGS ?=

comma := ,
VENV_PYTHON := .venv/bin/python
# The extras of this package to install. The file .venv/installed-<extras> says that they are installed.
SANDBOX := sandbox$(if $(findstring redis:,$(CELERY_BROKER_URL)),$(comma)redis)

# The platform's own driver of MySQL if its headers are installed, otherwise the sandbox's.
MYSQL := $(if $(findstring mysql:,$(DATABASE_URL)),$(shell pkg-config --exists mysqlclient && echo $(comma)mysql))

.PHONY: demo manage quick test platform-test bench bench-all bench-page bench-site bench-explain bench-pages bench-writer extract_translations compile_translations dist clean

demo: .venv/installed-$(SANDBOX)
	@exec $(VENV_PYTHON) -m lms_sandbox.serve --port $(PORT) $(if $(SIZE),--size $(SIZE))

# Only the command uses standard output and input.
manage: .venv/installed-$(SANDBOX)
	@$(VENV_PYTHON) -m lms_sandbox prepare 1>&2 </dev/null
	@exec $(VENV_PYTHON) -m lms_sandbox $(ARGS)

# All tests of a file run in one worker, so what they share is made once.
SIDE_BY_SIDE := --dist loadfile --no-loadscope-reorder

quick: .venv/installed-$(SANDBOX),test
	$(VENV_PYTHON) -m pytest -m "not processes" -n auto $(SIDE_BY_SIDE) $(ARGS)

ifdef ARGS
test: .venv/installed-$(SANDBOX),test
	$(VENV_PYTHON) -m pytest $(ARGS)
else
test: .venv/installed-$(SANDBOX),test
	@$(VENV_PYTHON) -m coverage erase
	@# Two workers for each core, because many tests wait for the processes that they start.
	$(VENV_PYTHON) -m coverage run -m pytest -n $$((2 * $$(getconf _NPROCESSORS_ONLN))) $(SIDE_BY_SIDE)
	@$(VENV_PYTHON) -m coverage combine --quiet
	$(VENV_PYTHON) -m coverage report
endif

platform-test:
	@test -n "$(EDX_PLATFORM_ROOT)" || { echo "Say where the platform is: EDX_PLATFORM_ROOT=…" >&2; exit 2; }
	$(PYTHON) -m pip install --quiet --no-deps --editable .
	cd "$(EDX_PLATFORM_ROOT)" && PYTHONPATH="$(CURDIR)" $(PYTHON) -m pytest --ds=lms.envs.test -c setup.cfg \
		--rootdir="$(EDX_PLATFORM_ROOT)" -p conftest -p no:cacheprovider -o markers=edx_platform --create-db \
		"$(CURDIR)/tests/edx_platform" $(ARGS)

bench: .venv/installed-$(SANDBOX),bench$(MYSQL)
	@$(VENV_PYTHON) -m benchmarks.reports $(or $(SIZE),10000) $(ARGS)

bench-all: .venv/installed-$(SANDBOX),bench$(MYSQL)
	@$(VENV_PYTHON) -m benchmarks.reports 10000 100000 1000000
	@$(VENV_PYTHON) -m benchmarks.reports 10000 --rest 20 --built-in-up-to 0
	@$(VENV_PYTHON) -m benchmarks.reports 100000 --contestants ours "without snapshot" "on the replica" "all columns" floor
	@$(VENV_PYTHON) -m benchmarks.checking 1000000
	@$(VENV_PYTHON) -m benchmarks.memory 1000 10000 100000 1000000
	@$(VENV_PYTHON) -m benchmarks.pages

bench-site bench-explain bench-pages bench-writer: .venv/installed-$(SANDBOX),bench$(MYSQL)
	@$(VENV_PYTHON) -m benchmarks.$(@:bench-%=%) $(ARGS)

bench-page: .venv/installed-$(SANDBOX),bench
	@$(VENV_PYTHON) -m benchmarks.page

extract_translations: .venv/installed-$(SANDBOX)
	cd proctored_results && ../$(VENV_PYTHON) -m django makemessages --locale en --no-wrap --no-location --no-obsolete

compile_translations: .venv/installed-$(SANDBOX)
	cd proctored_results && ../$(VENV_PYTHON) -m django compilemessages

dist: .venv/installed-$(SANDBOX),test compile_translations
	rm -rf dist
	$(VENV_PYTHON) -m build --outdir dist/proctored-results .
	$(VENV_PYTHON) -m build --outdir dist/tutor-contrib-proctored-results tutor
	$(VENV_PYTHON) -m twine check --strict dist/*/*

clean:
	rm -rf .venv var

.venv/installed-%: setup.py | $(VENV_PYTHON)
	@echo "Installing into .venv …" >&2
	@$(VENV_PYTHON) -m pip install --quiet --quiet --disable-pip-version-check \
		--editable ".[$*]" 1>&2
	@touch $@

$(VENV_PYTHON):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: PYTHON=…")'
	@$(PYTHON) -m venv .venv
