import assert from "node:assert/strict";
import {createHmac} from "node:crypto";
import {test} from "node:test";
import {Signer, type Message} from "../../../kernel/protocol/message.js";

const signer = new Signer("secret", "hmac-sha256");
const message: Message = {
  identities: [Buffer.from("who")],
  header: signer.header("execute_request"),
  parent_header: {},
  metadata: {},
  content: {code: "1 + 1"},
  buffers: [Buffer.from([1, 2, 3])],
};
const frames = () => signer.encode(message) as Buffer[];
/** Small as it is, a JSON parser may stumble over it, and whoever writes it as JSON again. */
const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

test("a message comes back as it was sent", () => {
  const sent = {...message, header: signer.header("comm_msg")};
  assert.deepEqual(signer.decode(signer.encode(sent) as Buffer[]), sent);
});

test("a signed message that is played back is refused", () => {
  const recorded = frames();
  assert.ok("content" in signer.decode(recorded));
  assert.deepEqual(signer.decode(recorded), {rejected: "played back"});
});

test("two kernels have two session ids", () => {
  assert.notEqual(new Signer("", "hmac-sha256").session, signer.session);
});

const refused: [name: string, change: (frames: Buffer[]) => Buffer[], reason: RegExp][] = [
  [
    "of another key",
    () => new Signer("other", "hmac-sha256").encode(message) as Buffer[],
    /signature/,
  ],
  ["with changed content", (all) => replaced(all, 6, `{"code":"2"}`), /signature/],
  ["with an empty signature", (all) => replaced(all, 2, ""), /signature/],
  ["without a delimiter", (all) => [all[0]!, ...all.slice(2)], /delimiter/],
  ["without its content", (all) => all.slice(0, 6), /truncated/],
  ["of no frames", () => [], /delimiter/],
  ["with broken JSON", (all) => signed(replaced(all, 6, "{oops")), /broken content/],
  [
    "whose content is an array",
    (all) => signed(replaced(all, 6, "[]")),
    /broken content: not an object/,
  ],
  [
    "whose header is huge",
    (all) => signed(replaced(all, 3, `{"msg_id":"1","session":"2","msg_type":"3","x":${nested}}`)),
    /broken header: it has 200\d\d\d bytes, at most 16384 are taken/,
  ],
  [
    "whose content has too many levels",
    (all) => signed(replaced(all, 6, `{"code":"[\\"","x":${nested}}`)),
    /broken content: it has more than 1000 levels/,
  ],
  [
    "that never comes to the end of its levels",
    (all) => signed(replaced(all, 5, "[".repeat(100_000_000))),
    /broken metadata: it has more than 1000 levels/,
  ],
  [
    "that has too many values",
    (all) => signed(replaced(all, 4, `{"x":[${"[],".repeat(10_000_000)}1]}`)),
    /broken parent header: it has more than 5000000 values/,
  ],
  [
    "whose content is a string without an end",
    (all) => signed(replaced(all, 6, `{"x":"\\"`)),
    /broken content/,
  ],
  [
    "whose header has no type",
    (all) => signed(replaced(all, 3, `{"msg_id":"1","session":"2"}`)),
    /msg_type/,
  ],
];
for (const [name, change, reason] of refused)
  test(`a message ${name} is refused with a reason`, () => {
    const decoded = signer.decode(change(frames()));
    assert.ok("rejected" in decoded);
    assert.match(decoded.rejected, reason);
  });

test("brackets in strings are no levels, and what stands side by side is none either", () => {
  const texts = ["[".repeat(5000), '\\"['.repeat(5000), "\\", '"', "{".repeat(5000)];
  const content = {texts, ["]["]: Array.from({length: 5000}, () => [{}])};
  const decoded = signer.decode(signer.encode({...message, content}) as Buffer[]);
  assert.deepEqual(decoded, {...message, content});
});

test("what is refused for its content can be answered, what has no header cannot", () => {
  const deep = signer.decode(signed(replaced(frames(), 6, nested)));
  assert.deepEqual("rejected" in deep && deep.request?.header, message.header);
  const headless = signer.decode(signed(replaced(frames(), 3, "{}")));
  assert.ok("rejected" in headless && !headless.request);
});

test("without a key nothing is signed and everything whole is taken", () => {
  const open = new Signer("", "hmac-sha256");
  assert.deepEqual(open.decode(open.encode(message) as Buffer[]), message);
});

test("an unknown signature scheme is refused by name", () => {
  assert.throws(() => new Signer("key", "rot13"), /unknown signature scheme: rot13/);
});

function replaced(frames: Buffer[], index: number, text: string): Buffer[] {
  return frames.map((frame, each) => (each === index ? Buffer.from(text) : frame));
}

/** Puts the right signature on changed frames. */
function signed(frames: Buffer[]): Buffer[] {
  const hmac = createHmac("sha256", "secret");
  for (const frame of frames.slice(3, 7)) hmac.update(frame);
  return replaced(frames, 2, hmac.digest("hex"));
}
