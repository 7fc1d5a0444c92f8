"""Starts the kernel as any client does, runs 1 + 1 in it and prints the result and the seconds it took."""

import json
import sys
import time

from jupyter_client.manager import start_new_kernel

LIMIT_S = 30

values = []


def hear(message):
    if message["msg_type"] == "execute_result":
        values.append(message["content"]["data"]["text/plain"])


began = time.monotonic()
manager, client = start_new_kernel(startup_timeout=LIMIT_S, kernel_name=sys.argv[1])
try:
    client.execute_interactive("1 + 1", timeout=LIMIT_S, output_hook=hear)
    print(json.dumps({"value": "".join(values), "seconds": time.monotonic() - began}))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
