#!/usr/bin/env bash
# Run the tests N times, varying what machines vary, and see that none ever fails: on one core or
# two, with a network or none, with oneDNN or without. Hash seed and home are new each time; each
# run works on a copy of the project in a folder with spaces and an å in its name.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=$1 failed=0 python=$PWD/.venv/bin/python
if [[ ! $runs =~ ^[1-9][0-9]{0,3}$ ]]; then
    echo "make soak takes a number of runs from 1 to 9999, such as N=10, not N=$runs." >&2
    exit 2
fi
first_core=$(awk -F '[\t,-]' '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)
for ((run = 1; run <= runs; run++)); do
    home=$(mktemp --directory)
    project="$home/an odd plåce"
    mkdir "$project"
    git ls-files -z | xargs --null cp --parents --target-directory="$project"
    cores=$((run % 2 + 1)) network=$((run / 2 % 2)) one_dnn=$((run / 4 % 2))
    machine=(env HOME="$home" PYTHONPATH="$project" PYTHONHASHSEED="$RANDOM"
        TF_ENABLE_ONEDNN_OPTS="$one_dnn")
    ((cores == 2)) || machine+=(taskset --cpu-list "$first_core")
    ((network)) || machine+=(unshare --map-root-user --net)
    log=$PWD/soak-$run.log result=0
    (cd "$project" && "${machine[@]}" "$python" -m pytest) >"$log" 2>&1 || result=$?
    echo "$run: cores $cores, network $network, oneDNN $one_dnn: $(tail -n 1 "$log")"
    if ((result)); then
        failed=$((failed + 1))
        echo "failed: see $log"
    else
        rm "$log"
    fi
    rm -rf "$home"
done
echo "$((runs - failed)) of $runs runs without a failure"
((failed == 0))
