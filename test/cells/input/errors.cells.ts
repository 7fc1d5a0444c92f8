interface Options { deep: boolean }
function fail(options: Options): never {
  const message: string = "failed";

  throw new RangeError(message);
}
// ---
fail({deep: true})
// ---
const run = async () => {
  await null;
  fail({deep: false});
};
await run();
// ---
[1].forEach((n) => {
  if (n) fail({deep: true}) });
// ---
let typed: string = 5;
const other = typed + nowhere;
// ---
const broken = (;
// ---
const text = `unterminated
// ---
@remote
function remoteOne(n: number) { return n + undefined_name }
// ---
@remote({numCpus: 1}) function positioned(a: number): string { return a }
// ---
throw "not an error"
// ---
null!.x
// ---
class Custom extends Error { name = "Custom" }
throw new Custom("mine", {cause: 1})
// ---
/** Positions lead through the rewriting. */
@remote({numCpus: 1})
async function remoteFails(n: number): Promise<number> {
  const inner = () => { throw new Error("in line 4") };
  return inner();
}
await remoteFails.local(1)
