# PYTHON=python3.12 chooses the Python of .venv; ARGS="..." is handed on.
BIN   := .venv/bin
READY := .venv/ready
PYTHON :=

# READY holds the folder it was installed for, and nothing while a first install runs.
INTACT := $(shell exec 2>/dev/null; $(BIN)/python -c 'import pip' \
	&& [ "$$(cat $(READY) || pwd -P)" = "$$(pwd -P)" ] \
	$(if $(PYTHON),&& [ "$$($(BIN)/python -VV)" = "$$("$(PYTHON)" -VV)" ]) \
	&& echo yes)

# Prints the first fitting Python, or "!" and why there is none.
FIND_PYTHON = bare=; other=; \
	for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python3.10 python); do \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
		case $$version in \
		(3.10|3.11|3.12|3.13) \
			"$$python" -c 'from ensurepip import bootstrap; from venv import create' 2>/dev/null && echo "$$python" && exit; \
			[ "$$bare" ] || { bare=$$python; package=python$$version-venv; } ;; \
		(*) other="$${other:+$$other, }$$python is $$version" ;; \
		esac; \
	done; \
	if [ "$$bare" ]; then \
		echo "! $$bare lacks the venv module: install $$package (Debian and Ubuntu: sudo apt install $$package), then run make again"; \
	else \
		echo "! Python 3.10 to 3.13 is needed and $(if $(PYTHON),$(PYTHON) is not one,none was found)$${other:+ ($$other)}: install one from python.org or with your package manager, then run make again"; \
	fi

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

lab: $(READY) ## open JupyterLab on the first notebook
	$(BIN)/python -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/01_explore_the_dataset.ipynb $(ARGS)

test: $(READY) ## run the tests, and every notebook against its saved outputs
	$(BIN)/python -m pytest $(ARGS)

notebooks: $(READY) ## execute every notebook and save it with its outputs
	$(BIN)/python tools/execute_notebooks.py $(ARGS)

checkpoints: $(READY) ## train the networks that the notebooks load
	$(BIN)/python tools/train_checkpoints.py $(ARGS)

samples: $(READY) ## draw the sample pictures of handwriting
	$(BIN)/python tools/make_samples.py $(ARGS)

handwriting: $(READY) ## read your own digits: make handwriting DIR=folder (sub-folders 0 to 9)
	$(BIN)/python tools/read_handwriting.py "$(DIR)" $(ARGS)

study: $(READY) ## train ten networks with five seeds each, for about two hours (QUICK=1: a small version)
	$(BIN)/python tools/study.py $(if $(QUICK),--quick) $(ARGS)

faults: $(READY) ## plant faults one at a time and see that the tests notice
	$(BIN)/python tools/plant_faults.py $(ARGS)

pictures: $(READY) ## draw the pictures that tests/test_pictures.py compares with
	$(BIN)/python -m pytest -n 0 --mpl-generate-path=tests/pictures tests/test_pictures.py

screenshots: $(READY) ## draw the pictures of the sketchpad in figures/
	SCREENSHOTS=figures $(BIN)/python -m pytest -n 0 tests/test_sketchpad_in_browser.py -k themes

soak: $(READY) ## run the tests N times, each on another kind of machine (N=10)
	$(BIN)/python tools/soak.py $(or $(N),10) $(ARGS)

pages: $(READY) ## render the notebooks as web pages, into pages/
	$(BIN)/python -m nbconvert --to html --template page --TemplateExporter.extra_template_basedirs=tools --output-dir=pages notebooks/*.ipynb

lint: $(READY) ## check style and format
	$(BIN)/python -m ruff check helpers tests tools notebooks
	$(BIN)/python -m ruff format --check helpers tests tools notebooks

requirements: $(if $(INTACT),,$(READY)) ## compile requirements.txt from pyproject.toml (UPGRADE=1: newest versions)
	$(BIN)/python -m uv pip compile --universal --python-version 3.10 --all-extras --no-header --no-annotate --quiet $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.txt

$(READY): requirements.txt pyproject.toml $(if $(INTACT),,environment)
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt -e .
	@pwd -P > $@

environment:
	$(eval FOUND := $(shell $(FIND_PYTHON)))
	$(if $(filter !,$(firstword $(FOUND))),$(error $(wordlist 2,99,$(FOUND))))
	@rm -rf .venv && mkdir .venv && : > $(READY)
	"$(FOUND)" -m venv .venv

.PRECIOUS: $(READY)
.PHONY: help lab test notebooks checkpoints samples handwriting study faults pictures screenshots soak pages lint requirements environment
