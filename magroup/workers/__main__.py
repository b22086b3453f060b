"""``python -m magroup.workers ARGUMENTS``: a worker's process, as the one that starts it runs it; ends with that."""

import sys

from magroup.twistd import run_worker

if __name__ == "__main__":
    run_worker(sys.argv[1:])
