"""JupyterLab, for as long as whoever started it keeps our standard input open.

So nothing is left behind even when the starter is killed outright.
"""

import os
import signal
import sys
import threading


def end_with_starter():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_starter, daemon=True).start()

from jupyterlab.labapp import main  # noqa: E402

sys.exit(main())
