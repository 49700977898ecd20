# The decks, installed as examples.  SPDX-License-Identifier: GPL-3.0-or-later
dist_pkgdata_DATA += $(decks)
decks = \
	data/capacity.yaml
