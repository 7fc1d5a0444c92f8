"""Measures how long cloudpickle takes for a function that captures a number and a helper.

Writes microseconds as JSON: of functions that it meets for the first time, and of one again and again.
"""
import json
import statistics
import time

import cloudpickle


def made(i):
    scale = i

    def twice(x):
        return x * 2 + scale

    def subject(x):
        y = x + scale
        return twice(y)

    return subject


def took(fn):
    began = time.perf_counter()
    cloudpickle.dumps(fn)
    return (time.perf_counter() - began) * 1e6


took(made(0))
first = statistics.median(took(made(i)) for i in range(200))
fn = made(0)
again = statistics.median(took(fn) for _ in range(5000))
print(json.dumps({"first": first, "again": again}))
