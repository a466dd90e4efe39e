# The sandbox LMS and the tests. Needs Python 3.11 or newer; everything else goes into .venv.
#
#   make demo                    the sandbox on http://127.0.0.1:8000 (PORT=…), with a worker
#   make demo SIZE=100000        with a large course, too
#   make manage ARGS="…"         a management command in the sandbox, for example ARGS="check"
#   make test ARGS="…"           the tests, with arguments of pytest
#   make platform-test           the contract tests in a real platform: EDX_PLATFORM_ROOT=… PYTHON=…
#   make messages                the catalogue that translations start from (needs gettext)
#   make clean                   remove .venv and the sandbox's data
#
# DATABASE_URL=mysql://… and CELERY_BROKER_URL=redis://… or amqp://… take other services than files in var/.

PYTHON ?= python3
PORT ?= 8000
SIZE ?=
ARGS ?=

comma := ,
VENV_PYTHON := .venv/bin/python
# What pip shall install of this package; a file of this name in .venv says that it has.
SANDBOX := sandbox$(if $(findstring redis:,$(CELERY_BROKER_URL)),$(comma)redis)

.PHONY: demo manage test platform-test messages clean

demo: .venv/installed-$(SANDBOX)
	@exec $(VENV_PYTHON) -m lms_sandbox.serve --port $(PORT) $(if $(SIZE),--size $(SIZE))

# Standard output and input are the command's alone.
manage: .venv/installed-$(SANDBOX)
	@$(VENV_PYTHON) -m lms_sandbox prepare 1>&2 </dev/null
	@exec $(VENV_PYTHON) -m lms_sandbox $(ARGS)

test: .venv/installed-$(SANDBOX),test
	$(VENV_PYTHON) -m pytest $(ARGS)

platform-test:
	@test -n "$(EDX_PLATFORM_ROOT)" || { echo "Say where the platform is: EDX_PLATFORM_ROOT=…" >&2; exit 2; }
	$(PYTHON) -m pip install --quiet --no-deps --editable .
	cd "$(EDX_PLATFORM_ROOT)" && PYTHONPATH="$(CURDIR)" $(PYTHON) -m pytest --ds=lms.envs.test -c setup.cfg \
		--rootdir="$(EDX_PLATFORM_ROOT)" -p conftest -p no:cacheprovider -o markers=edx_platform --create-db \
		"$(CURDIR)/tests/edx_platform" $(ARGS)

messages: .venv/installed-$(SANDBOX)
	cd proctored_results && ../$(VENV_PYTHON) -m django makemessages --locale en --no-wrap --no-location --no-obsolete

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
