# SPDX-License-Identifier: GPL-3.0-or-later
pkgdatascriptsdir = $(pkgdatadir)/scripts
dist_pkgdatascripts_SCRIPTS = scripts/find-python scripts/plot_compare.py scripts/plot_multitask.py \
	scripts/plot_phase_diagram.py scripts/plot_retrieve.py scripts/plot_sites.py \
	scripts/plot_sweeps.py scripts/submit.slurm
EXTRA_DIST += scripts/check scripts/packages.sh scripts/quickstart scripts/reproduce scripts/version
EXTRA_DIST += scripts/fetch-datasets
dist_pkgdatascripts_DATA = scripts/plotting.py
