"""Measures one kernel with Jupyter's own client, so that every kernel is measured alike.

Reads {"argv", "interrupt", "cells", "complete"} as JSON from the first argument; writes milliseconds as
JSON. A figure that the kernel does not reach in time, or reaches wrongly, is null, with the reason on stderr.
"""
import json
import signal
import statistics
import sys
import time

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

LIMIT = 20
LINES = 10_000
CELLS_BEFORE = 50


def main():
    plan = json.loads(sys.argv[1])
    figures = {}
    for measure in [start, trivial, complete, lines, interrupts]:
        manager, client = None, None
        try:
            began = time.perf_counter()
            manager, client = kernel(plan)
            ready = time.perf_counter() - began
            figures |= measure(plan, manager, client, began, ready)
        except Exception as error:
            print(f"{plan['name']}: {measure.__name__}: {error!r}", file=sys.stderr)
        finally:
            if client:
                client.stop_channels()
            if manager:
                manager.shutdown_kernel(now=True)
    print(json.dumps(figures))


def kernel(plan):
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=plan["argv"], interrupt_mode=plan["interrupt"], language="any", display_name="any"
    )
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LIMIT)
    except Exception:
        manager.shutdown_kernel(now=True)
        raise
    return manager, client


def start(plan, manager, client, began, ready):
    execute(client, numbered(plan, "trivial", 1))
    return {"ready": ready * 1000, "first": (time.perf_counter() - began) * 1000}


def trivial(plan, manager, client, *_):
    for number in range(CELLS_BEFORE):
        execute(client, numbered(plan, "declaring", number))
    return {"trivial": median_ms(100, lambda n: execute(client, numbered(plan, "trivial", n)))}


def complete(plan, manager, client, *_):
    for number in range(CELLS_BEFORE):
        execute(client, numbered(plan, "declaring", number))

    def ask(number):
        code = numbered(plan, "complete", number)
        reply = client.complete(code, len(code), reply=True, timeout=LIMIT)
        assert len(reply["content"]["matches"]) > 0, "nothing is completed"

    ask(CELLS_BEFORE - 1)
    return {"complete": median_ms(30, ask)}


def numbered(plan, cell, number):
    """No text comes twice: a kernel that remembers the answer to the last one would be measured wrongly."""
    return plan["cells"][cell].replace("{n}", str(number))


def lines(plan, manager, client, *_):
    expected = "".join(f"{number}\n" for number in range(LINES))
    runs = []
    for _ in range(5):
        began = time.perf_counter()
        printed, messages = execute(client, plan["cells"]["lines"])
        runs.append((time.perf_counter() - began, messages))
        assert printed == expected, f"{printed.count(chr(10))} of {LINES} lines came"
    seconds, _ = zip(*runs)
    return {"lines": statistics.median(seconds) * 1000, "messages": max(count for _, count in runs)}


def interrupts(plan, manager, client, *_):
    return {
        "interrupt": statistics.median(
            interrupt(manager, client, plan["cells"]["endless"]) * 1000 for _ in range(9)
        )
    }


def median_ms(count, work):
    times = []
    for number in range(count):
        began = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def execute(client, code):
    """Runs a cell to its idle and reply; gives what it printed, and in how many messages."""
    request = client.execute(code)
    printed = until_idle(client, request)
    content = reply_to(client, request)["content"]
    assert content["status"] == "ok", content
    return "".join(printed), len(printed)


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
            return printed


def interrupt(manager, client, code):
    """Seconds from the interrupt to the cell's reply, 0.3 s into an endless loop."""
    request = client.execute(code)
    time.sleep(0.3)
    began = time.perf_counter()
    manager.interrupt_kernel()
    reply = reply_to(client, request)
    seconds = time.perf_counter() - began
    assert reply["content"]["status"] == "error", reply["content"]
    until_idle(client, request)
    return seconds


signal.alarm(15 * LIMIT)
main()
