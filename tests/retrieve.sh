#!/usr/bin/env bash
# Tests mattis retrieve on real images: image by image against plain numpy; known accuracies on the whole
# sets; 1, 2 and 3 ranks bit for bit; xarray; own patterns; pictures; refused decks.  Uses data/sets, or
# what scripts/fetch-datasets gets without installing anything; skipped without either set.  LONG=1: both
# sets whole.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
. "${srcdir:-.}/tests/lib.sh"
find_python numpy h5py

sets=$srcdir/data/sets
if [ ! -d "$sets/mnist" ] || [ ! -d "$sets/fashion-mnist" ]; then
	sets=$(dirname "$mattis")/sets
	timeout 120 "$srcdir/scripts/fetch-datasets" --no-install "$sets" || true
fi
whole=()
for set in mnist fashion-mnist; do
	[ -d "$sets/$set" ] && whole+=("$set")
done
[ ${#whole[@]} -gt 0 ] || { echo "neither MNIST nor Fashion-MNIST can be had here: not tested"; exit 77; }
set=${whole[0]}
"$srcdir/scripts/fetch-datasets" --subset "$set" "$sets" "$dir"

cat >deck.yaml <<DECK
model: {learning: supervised}
images: {set: $set, folder: .}
sweep: {P: [2, 3, 4, 6, 10, 20], M: [10, 50], T: 0}
run: {output: plain.h5}
DECK

# --- the subset, against numpy
"$mattis" retrieve deck.yaml --quiet >plain.txt || fail "the plain deck"
"$python" "$srcdir/tests/retrieve_numpy.py" "$set" plain.h5 || fail "numpy disagrees"
grep -q 'accuracy_nearest' plain.txt || fail "the table"

# --- ranks and kernels: synchronous, heat bath with noise, examples, TAP
on_ranks=()
run() { # NAME RANKS SETTING...: alone and on ranks
	local name=$1 ranks=$2
	shift 2
	"$mattis" retrieve deck.yaml "$@" -o "${name}1.h5" --quiet >/dev/null 2>err ||
		fail "$name: $(cat err)"
	$MPIEXEC -n "$ranks" "$mattis" retrieve deck.yaml "$@" -o "$name$ranks.h5" --quiet >/dev/null 2>err ||
		fail "$name on $ranks ranks: $(cat err)"
	on_ranks+=("${name}1.h5" "$name$ranks.h5")
}
small=(-s 'sweep.P=[2,5]' -s sweep.M=7 -s images.tests=150)
run noisy 3 "${small[@]}" -s 'sweep.flips=[0,0.2]' -s retrieve.occlusion=0.3 -s images.examples=random
run heat 2 "${small[@]}" -s 'sweep.T=[0.1,0.5]' -s retrieve.dynamics=sequential \
	-s images.decorrelate=pseudo-inverse
same "${on_ranks[@]}" || fail "several ranks have other numbers than one"
"$mattis" retrieve deck.yaml "${small[@]}" -s model.learning=unsupervised -s retrieve.start=random \
	-o examples.h5 --quiet >/dev/null
"$mattis" retrieve deck.yaml "${small[@]}" -s 'sweep.T=[0.05,0.2]' -s retrieve.field=plefka \
	-s retrieve.sweeps=400 \
	-s images.tests=10 -o plefka.h5 --quiet >/dev/null
"$mattis" retrieve deck.yaml -s run.kernel=portable -o portable.h5 --quiet >/dev/null

# --- own data: two patterns with their examples; the ones not learned are the test images
"$python" - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(1)
xi = rng.choice([-1, 1], (3, 1, 200))
np.save("own.npy", (xi * np.where(rng.random((3, 30, 200)) < 0.85, 1, -1)).astype("int8"))
np.save("patterns.npy", xi[:, 0].astype("int8"))
PYTHON
"$mattis" retrieve -s model.data=own.npy -s model.learning=supervised -s model.M=10 -s model.P=4 \
	-s sweep.T=0 -o own.h5 --quiet >/dev/null
"$mattis" retrieve -s model.data=patterns.npy -s retrieve.start=archetype -s 'sweep.flips=0:0.5:0.1' \
	-s model.P=4 -s sweep.T=0 \
	-o basin.h5 --quiet >/dev/null

"$python" - <<'PYTHON'
import h5py
import numpy as np

names = "plain", "portable", "noisy1", "heat1", "examples", "plefka", "own", "basin"
files = {name: h5py.File(name + ".h5") for name in names}
f = files["plain"]
assert f["accuracy"].shape == (6, 2, 1) and f["confusion"].shape == (6, 2, 1, 10, 10)
assert (f["confusion"][...].sum((-1, -2)) == 200).all()
assert np.allclose(np.trace(f["confusion"][...], axis1=-2, axis2=-1) / 200, f["accuracy"][...])
assert f["preparation/kept"].shape == (28, 28) and f["preparation/kept"][...].sum() == len(f["pixel"])
assert f["preparation/example_index"].shape == (10, 50)
for name in f["images"]:
    assert f["images/" + name][()].tobytes() == files["portable"]["images/" + name][()].tobytes(), name
start = files["noisy1"]["pictures/start"][...]  # P, M, T, flips, picture, pixel
assert (start[0] == start[1]).all()
fraction = (start[0, 0, 0, 0] != start[0, 0, 0, 1]).mean()
assert 0.1 < fraction < 0.2, fraction  # 0.2 of the 0.7 that are not covered: 0.14
below = f["pixel"][...] >= 0.7 * 784
assert (start[..., below] == -1).all() and (start[..., ~below] == 1).any()
assert (np.abs(files["heat1"]["pictures/answer"][...]) < 1).any()
assert {"accuracy_example", "accuracy_nearest_example"} <= set(files["examples"])
assert abs(files["examples"]["m_start"][...]).max() < 0.02  # noise
assert files["plefka"]["converged"][...].min() > 0.5
# own data: 60 test images of 3 classes, r = .7: all are found, and the archetype nearly so
own = files["own"]
assert len(own["images/image"]) == 60 and own["accuracy"][...].min() == 1 and own["m"][...].min() > 0.95
basin = files["basin"]["m"][...].ravel()
assert basin[0] == 1 and basin[3] > 0.95 and basin[5] < 0.7, basin
PYTHON

if xarray=$(sh "$srcdir/scripts/find-python" xarray h5netcdf); then
	"$xarray" - <<'PYTHON' || fail "xarray"
import xarray
d = xarray.open_dataset("plain.h5", engine="h5netcdf")
assert d.accuracy.dims == ("P", "M", "T") and d.confusion.dims[-2:] == ("class", "predicted_class")
i = xarray.open_dataset("plain.h5", engine="h5netcdf", group="images")
assert i.predicted.dims == ("P", "M", "T", "image") and i.predicted.sizes["image"] == 200
PYTHON
fi

# --- the known accuracies
known() { # SET M NEAREST ACCURACY...: at P = 2, 4, 6, 10, 20 on the first 2000 test images
	local name=$1 M=$2
	"$mattis" retrieve -s images.set="$name" -s images.folder="$sets" -s images.tests=2000 \
		-s model.learning=supervised -s model.M="$M" \
		-s 'sweep.P=[2,4,6,10,20]' -s sweep.T=0 --quiet | grep -v '^#' >table || fail "$name, M = $M"
	awk -v name="$name" -v M="$M" -v want="${*:3}" 'BEGIN { n = split(want, w, " ") }
		{ if ($3 - w[NR + 1] > .00051 || w[NR + 1] - $3 > .00051 || $4 - w[1] > .00051 ||
			w[1] - $4 > .00051) bad = 1
		  got = got " " $3; near = $4 }
		END { print name, "M=" M ": accuracy" got ", nearest archetype", near; exit bad ||
			NR != n - 1 }' table ||
		fail "$name, M = $M: expected ${*:4}, nearest $3"
}
for name in "${whole[@]}"; do
	case $name in
	mnist)
		known mnist 1000 .660 .190 .267 .469 .702 .734
		[ -z "${LONG:-}" ] || known mnist 100 .613 .109 .222 .480 .646 .686
		;;
	fashion-mnist) [ -z "${LONG:-}" ] || known fashion-mnist 1000 .646 .212 .324 .467 .482 .613 ;;
	esac
done

# --- what is refused
refuse() { # MESSAGE SETTING...
	local message=$1 code=0
	shift
	"$mattis" retrieve --dry-run deck.yaml "$@" -o no.h5 >out 2>err </dev/null || code=$?
	# shellcheck disable=SC2053
	{ [ $code = 2 ] && [ "$(wc -l <err)" = 1 ] && [[ $(<err) == $message ]]; } ||
		fail "$*: exit $code: $(cat err)"
}
"$mattis" retrieve --dry-run deck.yaml -s images.set=none -o no.h5 |
	grep -q 'none does not exist; scripts/fetch-datasets' || fail "--dry-run without the set"
code=0
"$mattis" retrieve deck.yaml -s images.set=none -o no.h5 2>err || code=$?
{ [ $code = 2 ] && [[ \
	$(<err) == *images.set*none/train-images-idx3-ubyte:\ no\ such\ file*fetch-datasets* ]] &&
	[ ! -e no.h5 ]; } ||
	fail "a set that is not there: exit $code: $(cat err)"
refuse '*sweep.M*class * has * training images, fewer than 500*' -s 'sweep.M=[10,500]'
refuse '*model.gamma*not with mattis retrieve*' -s model.gamma=0.1
refuse '*images.classes*increasing*' -s 'images.classes=3 3'
refuse '*images.classes*labels from 0 to 255*' -s 'images.classes=3 a'
refuse '*images.classes*no training image of class 11*' -s 'images.classes=3 11'
refuse '*images.tests*200 test images*' -s images.tests=201
refuse '*sweep.T*must be > 0*' -s retrieve.field=plefka
refuse '*images.decorrelate*only with learning*' -s model.learning=unsupervised -s images.decorrelate=centre
refuse '*run.kernel*portable, avx2 or avx512*' -s run.kernel=lookup
refuse '*model.data*not together*' -s model.data=own.npy
refuse '*model.network*dense*' -s model.network=multitasking
cp -r "$set" damaged
head -c 100000 "$set/train-images-idx3-ubyte" >damaged/train-images-idx3-ubyte
refuse '*images.set*damaged/train-images-idx3-ubyte: ends before its 784000 values' -s images.set=damaged
echo "retrieve.sh: ${whole[*]}"
