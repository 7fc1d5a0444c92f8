import assert from "node:assert/strict";
import {test} from "node:test";
import {parseConnection, readConnection} from "../../../kernel/protocol/connection.js";

const fields = {
  ...{shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5},
  ...{ip: "127.0.0.1", key: "k", transport: "tcp", signature_scheme: "hmac-sha256"},
};

test("tcp and ipc give the endpoints that jupyter_client expects", () => {
  assert.equal(parseConnection(fields).endpoints.iopub, "tcp://127.0.0.1:4");
  const ipc = parseConnection({...fields, transport: "ipc", ip: "/tmp/kernel"});
  assert.equal(ipc.endpoints.shell, "ipc:///tmp/kernel-1");
});

test("CURVE keys are taken when both are there", () => {
  assert.equal(parseConnection({...fields, curve_publickey: "p"}).curve, null);
  const both = parseConnection({...fields, curve_publickey: "p", curve_secretkey: "s"});
  assert.deepEqual(both.curve, {publicKey: "p", secretKey: "s"});
});

test("what is wrong with a connection file is said", () => {
  assert.throws(() => parseConnection({...fields, hb_port: "x"}), /no valid hb_port: "x"/);
  assert.throws(() => parseConnection({...fields, transport: "udp"}), /unknown transport.*udp/);
  assert.throws(() => parseConnection({...fields, key: 5}), /key is not a string: 5/);
  assert.throws(() => readConnection("/does/not/exist.json"), /cannot read.*exist\.json/);
});
