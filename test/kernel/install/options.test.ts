import assert from "node:assert/strict";
import {test} from "node:test";
import {parseOptions, USAGE} from "../../../kernel/install/options.js";

const user = {kind: "user", isExplicit: false};

test("the words after `tasklab` are read", () => {
  for (const [words, expected] of [
    ["install", {command: "install", where: user}],
    ["install --user", {command: "install", where: {kind: "user", isExplicit: true}}],
    ["install --sys-prefix", {command: "install", where: {kind: "sys-prefix"}}],
    ["install --sys-prefix .venv", {command: "install", where: {kind: "sys-prefix", of: ".venv"}}],
    ["install --sys-prefix=.venv", {command: "install", where: {kind: "sys-prefix", of: ".venv"}}],
    ["uninstall --prefix /opt/x", {command: "uninstall", where: {kind: "prefix", path: "/opt/x"}}],
    ["uninstall --prefix=/opt/x", {command: "uninstall", where: {kind: "prefix", path: "/opt/x"}}],
    ["doctor", {command: "doctor", where: user}],
    ["", {command: "help", where: user}],
    ["-h", {command: "help", where: user}],
    ["install --help", {command: "help", where: user}],
    ["--version", {command: "version", where: user}],
  ] as const) {
    assert.deepEqual(parseOptions(words.split(" ").filter(Boolean)), expected, words);
  }
});

test("wrong words are refused by name, and the right ones are shown", () => {
  for (const [words, named] of [
    ["instal", "instal"],
    ["install --usr", "--usr"],
    ["install --user --prefix /x", "--user and --prefix"],
    ["install --prefix", "--prefix"],
    ["install /somewhere", "/somewhere"],
    ["install --sys-prefix a b", "b"],
    ["doctor --user", "--user"],
  ] as const) {
    assert.throws(
      () => parseOptions(words.split(" ")),
      ({message}: Error) => message.split("\n")[0]!.includes(named) && message.endsWith(USAGE),
      words,
    );
  }
});
