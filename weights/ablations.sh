#!/usr/bin/env bash
# Trains tah-tiny once for every ablation and prints what each comes to, as a table of Markdown.
#
#   weights/ablations.sh DIR [option ...]
#
# DIR holds base, labelled.parquet and test-labelled.jsonl, as the commands in weights/README.md leave them; every result lies there afterwards, and what
# lies there already is not trained again. Options go to every run of tah train, --device cpu, say; STEPS1, STEPS2 and BATCH make runs shorter for a look
# at the script, and TAH names the program.
set -euo pipefail
directory=${1:?which directory holds base, labelled.parquet and test-labelled.jsonl?}
shift
here=$(cd "$(dirname "$0")" && pwd)
tah=${TAH:-tah}
common=(--batch "${BATCH:-512}" --micro-batch-tokens 65536 --learning-rate 1e-3 --dropout 0 --save-dtype bf16 "$@")

train() { # stage, model, result, options of the ablation
  local stage=$1 model=$2 out=$3 steps=${STEPS1:-1108}
  shift 3
  [ "$stage" = 2 ] && steps=${STEPS2:-501} && set -- --recipe "$here/decider.yaml" "$@"
  [ -e "$directory/$out/config.json" ] && return
  $tah train --stage "$stage" --model "$directory/$model" --data "$directory/labelled.parquet" --out "$directory/$out" --steps "$steps" \
    "$@" "${common[@]}"
}

ablation() { # name, then options of stage 1
  local name=$1
  shift
  train 1 base "$name-1" "$@"
  train 2 "$name-1" "$name"
  analyse "$name"
}

analyse() { $tah analyze --model "$directory/$1" --data "$directory/test-labelled.jsonl" --texts 0 --json > "$directory/$1.json"; }

ablation whole
ablation own-depth --attention own
ablation first-depth --attention first
ablation no-lora --no-lora
ablation no-residual --no-residual
ablation neither --no-lora --no-residual
ablation dynamic-oracle --dynamic-oracle
ablation three-passes --max-iter 3
ablation four-passes --max-iter 4
train 1 base always-iterate --always-iterate
analyse always-iterate
train joint base joint --recipe "$here/decider.yaml"
analyse joint

python3 - "$directory" <<'PYTHON'
import json, sys
names = ["whole", "own-depth", "first-depth", "no-lora", "no-residual", "neither", "dynamic-oracle", "three-passes", "four-passes", "always-iterate", "joint"]
policies = ["never", "always", "oracle", "decider"]
print("| trained | " + " | ".join(policies) + " | passes of the decider | fixed, broken |")
print("| --- |" + " ---: |" * (len(policies) + 2))
for name in names:
    rows = {row["policy"]: row for row in json.load(open(f"{sys.argv[1]}/{name}.json"))["policies"]}
    last = rows.get("decider")
    cells = [f"{100 * rows[policy]['accuracy']:.2f} %" if policy in rows else "" for policy in policies]
    print(f"| {name} | " + " | ".join(cells) + (f" | {last['average_iterations']:.3f} | {last['fixed']}, {last['broken']} |" if last else " | | |"))
PYTHON
