"""Jupyter's own tests of kernels (the package jupyter_kernel_test), with a sample for each of its methods.

The package checks every message against its schemas. Writes one line of JSON for each method: its name,
and what is wrong (null: nothing).
"""
import json
import unittest

import jupyter_kernel_test


class KernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "tasklab"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oh")'
    completion_samples = [
        {"text": "const zebra = 1; zeb", "matches": {"zebra"}},
        {"text": "%%distr", "matches": {"%%distributed"}},
        {"text": "[1].reduceR", "matches": {"reduceRight"}},
    ]
    complete_code_samples = [
        "1",
        "",
        "const a = 1",
        "function f() {\n  return 1;\n}",
        "class A<T> { x?: T }",
        "for (const x of [1]) console.log(x)",
        "`a ${1 + 1} b`",
        '"// no comment"',
        "/[/'\"]/.test(\"\")",
        "const s: string = `a\nb`;",
        "await Promise.resolve(1)",
        "%time 1 + 1",
    ]
    incomplete_code_samples = [
        "function f() {",
        "const a = [",
        "`open",
        "/* open",
        "f(1,",
        "class A {",
        "1 +",
        "if (true) {",
        "const f = (x: number) =>",
    ]
    invalid_code_samples = ["1 +* 2", "const 1 = 2", "foo bar baz", ")", "'open"]
    code_generate_error = 'throw new RangeError("no")'
    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": "[1, 2].map((x) => x * 2)", "result": "[ 2, 4 ]"},
        {"code": "await Promise.resolve('later')", "result": "'later'"},
        {"code": "1 + 2 + 3", "result": "6"},
    ]
    code_display_data = [
        {"code": f'import {{display, {kind}}} from "tasklab"; display({kind}("1"))', "mime": mime}
        for kind, mime in [("html", "text/html"), ("svg", "image/svg+xml"), ("markdown", "text/markdown")]
    ]
    code_page_something = "Math.max?"
    code_history_pattern = "1 + 2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math"
    code_clear_output = 'import {clearOutput} from "tasklab"; clearOutput()'


class IopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "tasklab"
    support_iopub_welcome = True


class Lines(unittest.TestResult):
    """Says of each test how it ended; a part of a test that fails, fails it."""

    def startTest(self, test):
        super().startTest(test)
        self.problems = []

    def addError(self, test, error):
        self.problems.append(self._exc_info_to_string(error, test))
        if not hasattr(test, "_testMethodName"):
            tell(str(test), "\n".join(self.problems))

    addFailure = addError

    def addSubTest(self, test, part, error):
        if error:
            self.problems.append(f"{part}\n{self._exc_info_to_string(error, test)}")

    def addSkip(self, test, reason):
        self.problems.append(f"left out: {reason}")

    def stopTest(self, test):
        super().stopTest(test)
        tell(test._testMethodName, "\n".join(self.problems) or None)


def tell(name, problem):
    print(json.dumps({"name": name, "problem": problem}), flush=True)


load = unittest.defaultTestLoader.loadTestsFromTestCase
unittest.TestSuite(map(load, [KernelTests, IopubWelcomeTests])).run(Lines())
