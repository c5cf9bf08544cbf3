# make PYTHON=python3.12 chooses the Python of .venv, when that is made; ARGS="..." is handed on
# where a recipe has it.
PYTHON := python3
IN     := .venv/bin/python
LAB    := .venv/ready-for-lab
TESTS  := .venv/ready-for-tests
NAMES  := ARGS DIR N NEWEST OLDEST PYTHON QUICK UPGRADE
PASSED := MNIST_NPZ KERAS_HOME SCHEDULER SHELL MAKE% PIP_% UV_%
$(foreach x,$(filter-out $(NAMES) $(PASSED),$(.VARIABLES)),$(if $(filter command,$(origin $(x))),$(error There is no $(x) here. What can be set is $(NAMES))))
$(foreach x,QUICK UPGRADE OLDEST NEWEST,$(if $(filter-out 0 1,$($(x))),$(error $(x)=1 or $(x)=0, not $($(x)))))
$(if $(filter 11,$(OLDEST)$(NEWEST)),$(error OLDEST=1 or NEWEST=1, not both))
MADE   := $(shell [ "$$(cat .venv/made-in 2>/dev/null)" = "$$(pwd -P)" ] && $(IN) -c "" 2>/dev/null && echo yes)

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

lab: $(LAB) ## open JupyterLab on the first notebook
	JUPYTER_CONFIG_PATH=tools/jupyter $(IN) -m jupyterlab --allow-root --ServerApp.root_dir=. \
		--LabApp.default_url=/lab/tree/notebooks/01_explore_the_dataset.ipynb $(ARGS)

test: $(TESTS) ## run the tests, and every notebook against its saved outputs
	$(IN) -m pytest $(ARGS)

check: $(LAB) ## see whether this machine is ready for a lesson
	$(IN) -m tools.check_machine $(ARGS)

notebooks: $(TESTS) ## execute every notebook and save it with its outputs
	$(IN) -m tools.execute_notebooks $(ARGS)

checkpoints: $(TESTS) ## train the networks that the notebooks load
	$(IN) -m tools.train_checkpoints $(ARGS)

samples: $(TESTS) ## draw the sample pictures of handwriting
	$(IN) -m tools.handwriting.make_samples $(ARGS)

handwriting: $(TESTS) ## read your own digits: make handwriting DIR=folder (sub-folders 0 to 9)
	$(IN) -m tools.handwriting.read_handwriting "$(DIR)" $(ARGS)

ablation: $(TESTS) ## train the reader of handwriting without one part after the other, for an hour
	$(IN) -m tools.handwriting.ablation $(ARGS)

study: $(TESTS) ## train every network of the study with several seeds, for hours (QUICK=1: a small version)
	$(IN) -m study $(if $(filter-out 0,$(QUICK)),--quick) $(ARGS)

ledger: $(TESTS) ## train the recipes of the ledger with several seeds, for an hour (QUICK=1: a small version)
	$(IN) -m study.ledger $(if $(filter-out 0,$(QUICK)),--quick) $(ARGS)

race: $(TESTS) ## race Keras's own example to 99.0 % of the test images, N times (N=3)
	$(IN) -m tools.race $(or $(N),3) $(ARGS)

claims: $(TESTS) ## list the sentences of the texts that no witness vouches for yet
	$(IN) -m tools.claims $(ARGS)

seeds: $(TESTS) ## run the notebooks with N other seeds, and see what still holds (N=5)
	$(IN) -m tools.seeds $(or $(N),5) $(ARGS)

hub: $(TESTS) ## let N learners run notebooks at once, on a JupyterHub of this machine (N=8)
	$(IN) -m tools.hub.run $(or $(N),8) $(ARGS)

faults: $(TESTS) ## plant faults one at a time and see that the tests notice
	$(IN) -m tools.faults.plant $(ARGS)

screenshots: $(TESTS) ## draw the pictures of the sketchpad in figures/
	SCREENSHOTS=figures $(IN) -m pytest -n 0 tests/test_sketchpad_in_browser.py -k themes

soak: $(TESTS) ## run the tests N times on machines of several kinds (N=10)
	tools/soak.sh "$(or $(N),10)"

pages: $(TESTS) ## render the notebooks as web pages, into pages/
	$(IN) -m nbconvert --to html --template page --TemplateExporter.extra_template_basedirs=tools --output-dir=pages notebooks/*.ipynb

slides: $(TESTS) ## make a deck of slides of each notebook, into slides/
	$(IN) -m tools.make_slides $(ARGS)

handouts: $(TESTS) ## make learners' copies of the notebooks and PDFs to print, into handouts/
	$(IN) -m tools.make_handouts $(ARGS)

lint: $(TESTS) ## check style and format
	$(IN) -m ruff check
	$(IN) -m ruff format --check

requirements: $(LAB) ## compile the requirements from pyproject.toml (UPGRADE=1; for trials OLDEST=1, NEWEST=1)
	$(COMPILE) --extra lab -o requirements.txt
	$(COMPILE) --all-extras --constraint requirements.txt -o requirements-test.txt

COMPILE = $(IN) -m uv pip compile pyproject.toml --universal --python-version 3.10 --no-header \
	--no-annotate --quiet $(if $(filter-out 0,$(UPGRADE)),--upgrade) \
	$(if $(filter-out 0,$(OLDEST)),--upgrade --resolution lowest-direct) \
	$(if $(filter-out 0,$(NEWEST)),--upgrade --prerelease allow)

$(LAB): requirements.txt pyproject.toml tools/set_up.py $(if $(MADE),,anew)
	$(PYTHON) tools/set_up.py requirements.txt
	@touch $@

$(TESTS): requirements-test.txt $(LAB)
	$(PYTHON) tools/set_up.py requirements-test.txt
	@$(IN) -m compileall -q -j 0 .venv/lib || true
	@touch $@

$(wildcard */) deploy figures helpers results tests tools: anew
	$(error There is no target $@, it is a folder: make help lists the targets)

.PHONY: help lab test check notebooks checkpoints samples handwriting ablation study ledger race claims seeds hub faults screenshots soak pages slides handouts lint requirements anew
