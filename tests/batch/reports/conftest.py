import sys
from pathlib import Path

# The scripted engine and its articles are those of the tasks' tests.
sys.path.append(str(Path(__file__).parents[2] / "tasks"))
