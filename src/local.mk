# SPDX-License-Identifier: GPL-3.0-or-later
libmattis_a_SOURCES = \
	src/agree.c \
	src/agree.h \
	src/changes.c \
	src/changes.h \
	src/checkpoint.c \
	src/checkpoint.h \
	src/checkpoint_format.h \
	src/checkpoint_read.c \
	src/comparison.h \
	src/comparison_judge.c \
	src/comparison_read.c \
	src/comparison_report.c \
	src/comparison_theory.c \
	src/cost.c \
	src/cost.h \
	src/deck.c \
	src/deck.h \
	src/digest.c \
	src/digest.h \
	src/err.c \
	src/err.h \
	src/grid.c \
	src/grid.h \
	src/job.h \
	src/job_compare.c \
	src/job_lines.c \
	src/job_retrieve.c \
	src/job_simulate.c \
	src/job_solve.c \
	src/job_status.c \
	src/keys.c \
	src/keys.h \
	src/ledger.c \
	src/ledger.h \
	src/lock.c \
	src/lock.h \
	src/options.c \
	src/options.h \
	src/output.c \
	src/output.h \
	src/pieces.c \
	src/pieces.h \
	src/progress.c \
	src/progress.h \
	src/provenance.c \
	src/provenance.h \
	src/range.c \
	src/range.h \
	src/replace.c \
	src/replace.h \
	src/results.c \
	src/results.h \
	src/retrieve.c \
	src/retrieve.h \
	src/retrieve_report.c \
	src/simulation.c \
	src/simulation_cost.c \
	src/simulation_cost.h \
	src/simulation.h \
	src/simulation_report.c \
	src/simulation_report.h \
	src/simulation_sites.c \
	src/stop.c \
	src/stop.h \
	src/store.c \
	src/store.h \
	src/store_bytes.c \
	src/store_notes.c \
	src/store_notes.h \
	src/store_read.c \
	src/store_read.h \
	src/table.c \
	src/table.h \
	src/tally.c \
	src/tally.h \
	src/tasks.c \
	src/tasks.h \
	src/yaml_reader.c \
	src/yaml_reader.h

mattis_SOURCES = src/main.c
mattis_LDADD = $(ours) $(others)

# The state of the source and how it is built.  Looked at in every make, written when something is new.
nodist_libmattis_a_SOURCES = src/version.h
BUILT_SOURCES += src/version.h
CLEANFILES += src/version.h
src/main.$(OBJEXT) src/provenance.$(OBJEXT): src/version.h
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
EXTRA_DIST += src/mattis.1.in
src/mattis.1: src/mattis.1.in mattis$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) src && ASAN_OPTIONS=detect_leaks=0 ./mattis$(EXEEXT) keys >$@.keys && \
	sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e 's/^/\\\&/' $@.keys | \
	sed -e '/^@KEYS@$$/{r /dev/stdin' -e 'd;}' -e 's/[@]VERSION[@]/$(VERSION)/' $(top_srcdir)/src/mattis.1.in >$@.new && \
	mv -f $@.new $@ && rm -f $@.keys
