"""Measures one kernel with Jupyter's own client, so that every kernel is measured alike.

Reads {"argv", "cells"} as JSON from the first argument; writes milliseconds as JSON.
"""
import json
import signal
import statistics
import sys
import time

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

LIMIT = 60


def main():
    plan = json.loads(sys.argv[1])
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=plan["argv"], interrupt_mode=plan["interrupt"], language="any", display_name="any"
    )
    started = time.perf_counter()
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LIMIT)
        execute(client, plan["cells"]["trivial"])
        first = time.perf_counter() - started
        trivial = [execute(client, plan["cells"]["trivial"])[0] for _ in range(100)]
        lines, printed = min(
            (execute(client, plan["cells"]["lines"]) for _ in range(3)), key=lambda run: run[0]
        )
        assert printed == "".join(f"{i}\n" for i in range(10000)), "lines are missing"
        interrupts = [interrupt(manager, client, plan["cells"]["endless"]) for _ in range(7)]
        print(
            json.dumps(
                {
                    "first": first * 1000,
                    "trivial": statistics.median(trivial) * 1000,
                    "lines": lines * 1000,
                    "interrupt": statistics.median(interrupts) * 1000,
                }
            )
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def execute(client, code):
    """Seconds from the request to idle and reply, and what was printed."""
    started = time.perf_counter()
    request = client.execute(code)
    printed = until_idle(client, request)
    reply = reply_to(client, request)
    assert reply["content"]["status"] == "ok", reply["content"]
    return time.perf_counter() - started, printed


def reply_to(client, request):
    while True:
        reply = client.get_shell_msg(timeout=LIMIT)
        if reply["parent_header"].get("msg_id") == request:
            return reply


def until_idle(client, request):
    printed = []
    while True:
        message = client.get_iopub_msg(timeout=LIMIT)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])
        elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return "".join(printed)


def interrupt(manager, client, code):
    """Seconds from the interrupt to the cell's reply, 0.3 s into an endless loop."""
    request = client.execute(code)
    time.sleep(0.3)
    started = time.perf_counter()
    manager.interrupt_kernel()
    reply = reply_to(client, request)
    seconds = time.perf_counter() - started
    assert reply["content"]["status"] == "error", reply["content"]
    until_idle(client, request)
    return seconds


signal.alarm(5 * LIMIT)
main()
