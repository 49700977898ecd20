# The decks, installed as examples, and the reference values of the tests.
# SPDX-License-Identifier: GPL-3.0-or-later
dist_pkgdata_DATA += $(decks)
EXTRA_DIST += data/reference data/figures
claimsdir = $(pkgdatadir)/claims
dist_claims_DATA = $(claims)
# one deck per claim, for scripts/reproduce
claims = \
	data/claims/cascade.yaml \
	data/claims/degrees.yaml \
	data/claims/dense_examples.yaml \
	data/claims/dense_load.yaml \
	data/claims/examples_needed.yaml \
	data/claims/half_tuples.yaml \
	data/claims/hierarchy.yaml \
	data/claims/hierarchy_end.yaml \
	data/claims/hierarchy_log.yaml \
	data/claims/hopfield.yaml \
	data/claims/learning.yaml \
	data/claims/losses.yaml \
	data/claims/noise_power.yaml \
	data/claims/one_example.yaml \
	data/claims/parallel.yaml \
	data/claims/protocols.yaml \
	data/claims/small_M.yaml \
	data/claims/ultra_detection.yaml \
	data/claims/ultra_storage.yaml
decks = \
	data/capacity.yaml \
	data/degrees.yaml \
	data/diagonal.yaml \
	data/diagonal_glass.yaml \
	data/examples.yaml \
	data/finite_size.yaml \
	data/half_tuples.yaml \
	data/hopfield.yaml \
	data/learning_curves.yaml \
	data/lines_capacity.yaml \
	data/lines_dense.yaml \
	data/lines_glass.yaml \
	data/lines_rho.yaml \
	data/many_examples.yaml \
	data/multitask_amplitudes.yaml \
	data/multitask_examples.yaml \
	data/multitask_lines.yaml \
	data/multitask_load.yaml \
	data/multitask_losses.yaml \
	data/multitask_phases.yaml \
	data/noise_per_pattern.yaml \
	data/one_step.yaml \
	data/retrieve_basin.yaml \
	data/retrieve_decorrelated.yaml \
	data/retrieve_examples.yaml \
	data/retrieve_known.yaml \
	data/retrieve_temperature.yaml \
	data/simulate_dense.yaml \
	data/simulate_multitask.yaml \
	data/simulate_noise.yaml \
	data/simulate_plefka.yaml \
	data/simulate_relaxation.yaml \
	data/simulate_tempering.yaml \
	data/sites.yaml \
	data/tap.yaml \
	data/ultra_detection.yaml \
	data/ultra_storage.yaml \
	data/unsupervised.yaml \
	data/vector_noise.yaml
