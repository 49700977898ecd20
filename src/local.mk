# SPDX-License-Identifier: GPL-3.0-or-later
libmattis_a_SOURCES = \
	src/base/checksum.c \
	src/base/checksum.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/collective.c \
	src/base/collective.h \
	src/base/err.c \
	src/base/err.h \
	src/file/atomic_file.c \
	src/file/atomic_file.h \
	src/file/provenance.c \
	src/file/provenance.h \
	src/file/dataset.c \
	src/file/dataset.h \
	src/file/dataset_table.c \
	src/file/dataset_table.h \
	src/file/store_probe.h \
	src/file/store.c \
	src/file/store.h \
	src/file/store_probe.c \
	src/file/store_read.c \
	src/file/store_read.h \
	src/input/deck.c \
	src/input/deck.h \
	src/input/deck_changes.c \
	src/input/deck_changes.h \
	src/input/grid.c \
	src/input/grid.h \
	src/input/keys.c \
	src/input/keys.h \
	src/input/options.c \
	src/input/options.h \
	src/input/range.c \
	src/input/range.h \
	src/input/yaml.c \
	src/input/yaml.h \
	src/jobs/compare.c \
	src/jobs/compare.h \
	src/jobs/compare_read.c \
	src/jobs/compare_report.c \
	src/jobs/compare_test.c \
	src/jobs/compare_theory.c \
	src/jobs/cost.c \
	src/jobs/cost.h \
	src/jobs/jobs.h \
	src/jobs/lines.c \
	src/jobs/lines.h \
	src/jobs/lines_report.c \
	src/jobs/lines_search.c \
	src/jobs/retrieve.c \
	src/jobs/retrieve_report.c \
	src/jobs/retrieve_tasks.c \
	src/jobs/retrieve_tasks.h \
	src/jobs/simulate.c \
	src/jobs/simulate_average.c \
	src/jobs/simulate_average.h \
	src/jobs/simulate_cost.c \
	src/jobs/simulate_cost.h \
	src/jobs/simulate_parts.c \
	src/jobs/simulate_parts.h \
	src/jobs/simulate_report.c \
	src/jobs/simulate_report.h \
	src/jobs/simulate_sites.c \
	src/jobs/simulate_table.c \
	src/jobs/simulate_tasks.c \
	src/jobs/simulate_tasks.h \
	src/jobs/solve.c \
	src/jobs/solve_cost.c \
	src/jobs/solve_cost.h \
	src/jobs/solve_results.c \
	src/jobs/solve_results.h \
	src/jobs/status.c \
	src/jobs/table.c \
	src/jobs/table.h \
	src/run/checkpoint.c \
	src/run/checkpoint.h \
	src/run/checkpoint_read.c \
	src/run/ledger.c \
	src/run/ledger.h \
	src/run/lock.c \
	src/run/lock.h \
	src/run/output.c \
	src/run/output.h \
	src/run/progress.c \
	src/run/progress.h \
	src/run/scheduler.c \
	src/run/scheduler.h \
	src/run/stop.c \
	src/run/stop.h \
	src/run/work.h

mattis_SOURCES = src/main.c
mattis_LDADD = $(ours) $(others)

# The state of the source and how it is built.  Looked at in every make, written when something is new.
nodist_libmattis_a_SOURCES = src/version.h
BUILT_SOURCES += src/version.h
CLEANFILES += src/version.h
src/main.$(OBJEXT) src/file/provenance.$(OBJEXT): src/version.h
.PHONY: always
always:
src/version.h: always
	@$(MKDIR_P) src
	@git=`$(top_srcdir)/scripts/version $(top_srcdir)`; \
	compiler=`$(CC) --version | sed -n '1{s/["\\\\]//g;p;}'`; \
	flags=`echo '$(CC) $(AM_CFLAGS) $(CFLAGS)' | sed 's/["\\\\]//g'`; \
	{ echo "/* made by make */"; \
	echo "#define MATTIS_VERSION \"$(VERSION)\""; \
	echo "#define MATTIS_GIT \"$${git%-dirty}\""; \
	echo "#define MATTIS_DIRTY `case $$git in *-dirty) echo 1;; *) echo 0;; esac`"; \
	echo "#define MATTIS_COMPILER \"$$compiler\""; \
	echo "#define MATTIS_FLAGS \"$$flags\""; } >$@.new
	@if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@; echo "  GEN      $@"; fi

dist-hook:
	$(top_srcdir)/scripts/version $(top_srcdir) >$(distdir)/.git-version

# the manual with every key of the deck, from the program's own table
man1_MANS = src/mattis.1
CLEANFILES += src/mattis.1
EXTRA_DIST += src/mattis.1.in src/CONVENTIONS.md
src/mattis.1: src/mattis.1.in mattis$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) src && ASAN_OPTIONS=detect_leaks=0 ./mattis$(EXEEXT) keys >$@.keys && \
	sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e 's/^/\\\&/' $@.keys | \
	sed -e '/^@KEYS@$$/{r /dev/stdin' -e 'd;}' -e 's/[@]VERSION[@]/$(VERSION)/' \
		$(top_srcdir)/src/mattis.1.in >$@.new && \
	mv -f $@.new $@ && rm -f $@.keys
