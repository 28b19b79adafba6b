#!/usr/bin/env bash
# Run once, as root, when the platform builds the image: a virtual environment with what grading needs.
# The requirements.txt beside this file is the autograder's own, without Jupyter.
set -euo pipefail
source_folder=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$source_folder")

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    apt-get update
    apt-get install -y --no-install-recommends python3 python3-venv
fi
python3 -m venv "$root/venv"
pip() { "$root/venv/bin/python" -m pip install --no-cache-dir --quiet "$@"; }

# The CPU build: the default one brings several GB of CUDA that nothing here uses.
torch=$(grep -m 1 -o '^torch==[0-9.]*' "$source_folder/requirements.txt")
pip "$torch" --index-url https://download.pytorch.org/whl/cpu || pip "$torch"
pip -r "$source_folder/requirements.txt"

# Nobody but root reads the tests, the keys and the results.
chmod -R go= "$source_folder"
