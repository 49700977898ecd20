#!/usr/bin/env bash
# Tests the plot scripts: phase diagrams with one, two and three axes and with lines, the multitasking
# network, theory against simulation, retrieval, sites, sweeps.  No warnings; clear errors.
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
. "${srcdir:-.}/tests/lib.sh"
plot=$srcdir/scripts/plot_phase_diagram.py
find_python h5py matplotlib
export MPLCONFIGDIR=$dir
small=(--dpi 50) # where the script has the option: three times faster

# One Python draws all pictures, since starting it takes 1 s.  It reads one command per line and answers
# with the output of the script and a last line "exit CODE".
coproc drawing { exec "$python" -c '
import contextlib, gc, io, os, runpy, shlex, sys, traceback, warnings
import matplotlib.pyplot as plt
warnings.simplefilter("always")
for line in sys.stdin:
    sys.argv, code, said = shlex.split(line), 0, io.StringIO()
    sys.path[0] = os.path.dirname(sys.argv[0])
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except SystemExit as end:
            code = 1 if isinstance(end.code, str) else end.code or 0
            print(end.code if isinstance(end.code, str) else "")
        except Exception:
            code = 2
            traceback.print_exc()
    plt.close("all")
    plt.rcdefaults()
    gc.collect() # closes the files
    print(said.getvalue().strip(), f"exit {code}", sep="\n", flush=True)'; }

# run ARGUMENT...: runs the script $plot; its output is in $text.
run() {
	local line
	printf '%q ' "$plot" "$@" >&"${drawing[1]}"
	echo >&"${drawing[1]}"
	text=
	while read -r line <&"${drawing[0]}" && [[ $line != exit\ * ]]; do
		text+=${text:+$'\n'}$line
	done
	[ "$line" = 'exit 0' ]
}

# draws PICTURE ARGUMENT...: a picture is made, and only its name is printed.
draws() {
	local picture=$1
	shift
	run -o "$picture" "${small[@]}" "$@" && [ "$text" = "$picture" ] && [ -s "$picture" ] ||
		complain "$*: $text"
}

# refuses REGEX ARGUMENT...: prints one line that matches and makes no picture.
refuses() {
	local regex=$1
	shift
	run -o no.png "$@" && complain "$*: no error"
	[[ $text =~ ^$regex$ ]] && [ ! -e no.png ] || complain "$*: $text"
}

"$mattis" solve -s model.P=3 -s sweep.gamma=0:0.4:0.1 -s sweep.T=0.1:1.2:0.1 -s sweep.r=[0.7,0.9] \
	-s model.M=5 \
	-s model.learning=supervised -o three.h5 >/dev/null || exit 1
"$mattis" solve -s model.P=3 -s model.gamma=0.1 -s sweep.T=0.1:1.2:0.1 -o one.h5 >/dev/null || exit 1
draws one.png one.h5
draws two.pdf three.h5 --sel r=0.7
draws rT.png three.h5 --x r --y T --sel gamma=0.1
"$python" - <<END
import h5py
with h5py.File("three.h5", "r+") as file:
    file["lines/line"] = ["critical", "critical", "spinodal", "spinodal"]
    file["lines/segment"] = [0, 0, 0, 0]
    file["lines/gamma"] = [0.1, 0.2, 0.1, 0.3]
    file["lines/T"] = [0.2, 0.4, 0.3, 0.3]
    file["lines/r"] = [0.7, 0.7, 0.7, 0.7]
END
[ $? = 0 ] || complain "no lines in three.h5"
draws lines.png three.h5 --sel r=0.7
set -- -s model.P=4 -s model.learning=supervised -s sweep.T=0.1:0.9:0.1 -s sweep.gamma=0:0.5:0.1
"$mattis" lines "$@" -s model.rho=0.1 -o plane.h5 --quiet >/dev/null || exit 1
"$mattis" lines "$@" -s sweep.rho=[0,0.2] -s lines.which='spinodal static_glass' -o noises.h5 --quiet \
	>/dev/null || exit 1
draws plane.png plane.h5
draws each.png three.h5 --x T --each r --sel gamma=0.1
refuses '--each q: not a free axis beside --x; .*' three.h5 --x T --each q
draws noises.svg noises.h5
draws noise.png noises.h5 --sel rho=0.2 --x T --y gamma
refuses '--sel q: no such axis; the file has .*' noises.h5 --sel q=1
refuses '.*two axes can be drawn and the values of a third.*' plane.h5 --sel T=0.2
[ "$(grep -c "retrieval spinodal" noises.svg)" = 1 ] ||
	complain "noises.svg: the line is in the legend more than once"
refuses 'axis r has 2 values: choose one by --sel r=VALUE' three.h5
refuses '--sel q: no such axis; the file has gamma, T, r' three.h5 --sel q=1
refuses 'none.h5: cannot be opened: .*' none.h5

# the multitasking network: two axes with the lines of another file, one axis, examples
plot=$srcdir/scripts/plot_multitask.py
set -- -s model.network=multitasking -s model.K=2
"$mattis" solve "$@" -s sweep.d=0.1:0.9:0.1 -s sweep.T=0.1:1.1:0.2 -s solve.starts=1 -o phases.h5 \
	>/dev/null || exit 1
"$mattis" lines "$@" -s sweep.T=0.2:0.8:0.2 -s sweep.d=0.1:0.9:0.1 -o lines.h5 >/dev/null || exit 1
"$mattis" solve "$@" -s model.learning=supervised -s model.r=0.5 -s model.d=0.3 -s sweep.T=0.1 \
	-s sweep.M=[5,50] -o examples.h5 \
	>/dev/null || exit 1
draws phases.png phases.h5 --lines lines.h5
draws examples.png examples.h5 --log
refuses 'phases.h5: no lines in it' phases.h5 --lines phases.h5

# theory against simulation: several patterns, two axes
plot=$srcdir/scripts/plot_compare.py
"$mattis" simulate --quiet -s model.network=multitasking -s model.K=2 -s sweep.d=[0.2,0.3] \
	-s sweep.T=[0.1,0.2] -s sweep.N=200 \
	-s simulate.samples=4 -s simulate.replicas=2 -s simulate.burn_in=20 -s simulate.sweeps=400 \
		-s simulate.start=hierarchical \
	-o points.h5 >/dev/null 2>&1 || exit 1
"$mattis" compare --quiet points.h5 -o compared.h5 >/dev/null 2>&1
draws compared.png compared.h5
draws compared2.png compared.h5 --x d --variables p,q
refuses 'compared.h5: not an axis: K; there are d, T, N' compared.h5 --x K
refuses 'r: no such observable; there are .*' compared.h5 --variables m,r
refuses 'one.h5: not an output of mattis compare' one.h5

# retrieval: curves, a basin, pictures, confusion, of three patterns and their examples
plot=$srcdir/scripts/plot_retrieve.py small=()
"$python" - <<END
import numpy as np
rng = np.random.default_rng(1)
xi = rng.choice([-1, 1], (3, 1, 60))
np.save("own.npy", (xi * np.where(rng.random((3, 12, 60)) < 0.9, 1, -1)).astype("int8"))
END
set -- -s model.data=own.npy -s sweep.T=0
"$mattis" retrieve "$@" -s model.learning=supervised -s sweep.P=[2,4] -s sweep.M=[1,5] \
	-s retrieve.start=archetype -s sweep.flips=[0,0.3] \
	-o retrieve.h5 >/dev/null || exit 1
"$mattis" retrieve "$@" -s model.learning=unsupervised -s sweep.P=2:20:1 -s model.M=5 -s retrieve.pictures=2 \
	-o stored.h5 >/dev/null || exit 1
draws basin.png retrieve.h5 --sel M=5
draws examples.png stored.h5 --pictures
draws confusion.png stored.h5 --confusion --sel P=4
refuses 'axes P, M have more than one value: choose by --sel P=VALUE' retrieve.h5
refuses 'three.h5: not an output of mattis retrieve' three.h5

# site by site: TAP against a simulation of the same sample
plot=$srcdir/scripts/plot_sites.py
set -- -s model.P=2 -s model.K=3 -s sweep.N=60 -s sweep.T=0.4 -s simulate.samples=2 \
	-s simulate.magnetisations=true
"$mattis" simulate --quiet "$@" -s simulate.replicas=2 -s simulate.sweeps=500 -s simulate.burn_in=50 \
	-o exact.h5 >/dev/null || exit 1
"$mattis" simulate --quiet "$@" -s simulate.field=plefka -s simulate.dynamics=tap -o tap.h5 >/dev/null ||
	exit 1
run -o sites.png exact.h5 tap.h5 && [[ $text == "tap.h5: TAP, rms difference of a site 0.0"* ]] &&
	[ -s sites.png ] ||
	complain "sites: $text"
refuses 'one.h5: no magnetisations in it .*' one.h5 tap.h5

# times of sweeps
plot=$srcdir/scripts/plot_sweeps.py
printf 'sweep_N%s.exact %s us\n' 100_K64 10 200_K64 21 100_K128 22 >sweeps.txt
draws sweeps.png sweeps.txt
refuses 'one.h5: .*' one.h5
refuses 'empty.txt: cannot be read: .*' empty.txt
exit $bad
