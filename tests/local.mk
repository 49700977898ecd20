# The tests.  A new test is one word in one of these lists:
#   suites    programs tests/check_NAME.c with one Check suite each (suite.h)
#   parallel  suites that a shell script starts on several ranks
#   shell     scripts; exit code 0: passed, 77: cannot run here
#   benches   programs and scripts that tests/bench.sh runs
# Tests start in this order, so the longest come first.  LONG=1 in the environment asks for minutes instead of
# seconds (make check-long).
# SPDX-License-Identifier: GPL-3.0-or-later
suites = \
	tests/check_sampler \
	tests/check_average \
	tests/check_coverage \
	tests/check_dense_states \
	tests/check_rsb \
	tests/check_tap \
	tests/check_checkpoint \
	tests/check_store \
	tests/check_deck \
	tests/check_multitask \
	tests/check_retrieval \
	tests/fuzz_deck \
	tests/fuzz_idx \
	tests/check_field \
	tests/check_significance \
	tests/check_quenched \
	tests/check_tensor \
	tests/check_dense \
	tests/check_dense_noise \
	tests/check_network \
	tests/check_multitask_lines \
	tests/check_lines \
	tests/check_snr \
	tests/check_measure \
	tests/check_images \
	tests/check_parts \
	tests/check_multitask_average \
	tests/check_pair_noise
parallel = tests/check_share
shell = \
	tests/faults.sh \
	tests/simulate.sh \
	tests/retrieve.sh \
	tests/reproduce.sh \
	tests/compare.sh \
	tests/decks.sh \
	tests/lines.sh \
	tests/third_network.sh \
	tests/share.sh \
	tests/plot.sh \
	tests/deck_errors.sh \
	tests/dense_reference.sh \
	tests/disk_full.sh \
	tests/store.sh \
	tests/monte_carlo.sh \
	tests/multitask_lines.sh \
	tests/old_cpus.sh \
	tests/ranks.sh \
	tests/lock.sh \
	tests/slurm_rule.sh \
	tests/layers.sh \
	tests/layers_test.sh
benches = tests/bench_dense tests/bench_field tests/bench_multitask tests/bench_plefka tests/bench_retrieve
benches_scripts = tests/bench_lines.sh tests/bench_ranks.sh tests/bench_dense.py tests/bench_multitask.py \
	tests/bench_retrieve.py
EXTRA_DIST += tests/corpus $(shell) $(benches_scripts) tests/bench.sh tests/lib.sh tests/layers_test.sh \
	tests/slurm.sh \
	tests/answer.h tests/bench.h tests/dense_points.h tests/exact.h tests/reference.h tests/sample.h \
	tests/same.py tests/store_xarray.py tests/retrieve_numpy.py

EXTRA_PROGRAMS += $(benches)
CLEANFILES += $(benches)
TESTS += $(shell)

# mattis with two more networks, by the recipe in physics/network.h: their folder, and a line of networks.c
third = tests/third_network/network.c tests/third_network/minimal.c tests/third_network/network.h
check_PROGRAMS += tests/mattis_third
tests_mattis_third_SOURCES = src/main.c $(third)
nodist_tests_mattis_third_SOURCES = tests/third_network/networks.c
tests_mattis_third_LDADD = $(ours) $(others)
CLEANFILES += tests/third_network/networks.c
tests/third_network/networks.c: physics/networks.c
	$(AM_V_GEN)$(MKDIR_P) tests/third_network && \
	sed -e 's/^extern const struct network /&third_network, minimal_network, /' \
	-e '/^const struct network \*const networks/s/NULL};/\&third_network, \&minimal_network, &/' \
	$(top_srcdir)/physics/networks.c >$@

if HAVE_CHECK
check_LIBRARIES = libsuite.a
libsuite_a_SOURCES = tests/suite.c tests/suite.h tests/suite_main.c
suite_library = libsuite.a
check_PROGRAMS += $(suites) $(parallel)
tests_check_network_SOURCES = tests/check_network.c $(third)
TESTS += $(suites)
else
check-local:
	@echo "make check needs Check; on Debian: apt-get install check; then configure again" >&2; exit 1
endif

TEST_EXTENSIONS = .sh
# as root too, and where /sys is missing (chroots)
mpi_environment = OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 HWLOC_HIDE_ERRORS=2
# ranks of one machine: Open MPI need not look for network and graphics cards, some tenths of a second at
# each start
no_cards = OMPI_MCA_pml=$${OMPI_MCA_pml-ob1} OMPI_MCA_btl=$${OMPI_MCA_btl-self,vader} HWLOC_PLUGINS_PATH=
AM_TESTS_ENVIRONMENT = export srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' PYTHON='$(PYTHON)' \
	CC='$(CC)' LONG='$(LONG)' ROUNDS='$(ROUNDS)' SANITIZERS='$(sanitizers)' $(mpi_environment) \
	MPIEXEC="env $(no_cards) $(MPIEXEC) $(MPIEXEC_FLAGS)";
if SANITIZERS
# Open MPI does not free all that it allocates: leaks are looked for in the suites only
sanitizers = 1
SH_LOG_COMPILER = env ASAN_OPTIONS=detect_leaks=0 bash
else
SH_LOG_COMPILER = bash
endif

# what tests/retrieve.sh fetched
distclean-local:
	rm -rf sets

check-long:
	$(MAKE) $(AM_MAKEFLAGS) check LONG=1

# a hundred rounds of killed and resumed jobs: a quarter of an hour
check-faults:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/faults.sh ROUNDS=100 LONG=1

# scripts/submit.slurm on a Slurm started for it: some minutes, as root, Debian packages slurm-wlm and munge
check-slurm:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/slurm.sh

bench: mattis$(EXEEXT) $(benches)
	@CC='$(CC)' CFLAGS='$(AM_CFLAGS) $(CFLAGS)' PYTHON='$(PYTHON)' builddir='$(abs_top_builddir)' \
	MATTIS_SETS='$(abs_top_srcdir)/data/sets' $(mpi_environment) MPIEXEC='$(MPIEXEC) $(MPIEXEC_FLAGS)' \
	bash $(top_srcdir)/tests/bench.sh $(benches) $(addprefix $(top_srcdir)/,$(benches_scripts))
.PHONY: check-long check-faults check-slurm bench
