// Actors in this process: which live, and whose turn it is. Their calls are tasks of the sequential
// backend; an actor holds back all but those that may begin now.

import type {ActorFace, ActorPart, FoundActor, TaskCall} from "../backend.js";
import {nowUs} from "../clock.js";
import {decodeError} from "../codec/codec.js";
import {Recent} from "../recent.js";
import {ActorDiedError, ActorUnavailableError, TaskCancelledError} from "../errors.js";
import {actorHeldBy, holdOf, type ActorId, type ObjectId} from "../ids.js";
import {ObjectRef} from "../api/object-ref.js";
import {isFilesPart} from "../shipping/modules/local-files.js";
import {Arrivals} from "../shipping/names/arrivals.js";
import {receiveFiles} from "../shipping/modules/received-files.js";
import {revive} from "../shipping/revive.js";
import type {TraceEvent} from "../trace.js";
import type {SequentialTask} from "./sequential-task.js";

type Creation = Extract<ActorPart, {kind: "creation"}>;
type Method = (...args: unknown[]) => unknown;

interface LivingActor {
  id: ActorId;
  face: ActorFace;
  options: Creation;
  creation: SequentialTask;
  /** Until its constructor has returned: null. */
  instance: Record<string, Method> | null;
  /** The values of this incarnation: changes to its classes are the actor's state as well. */
  arrivals: Arrivals;
  incarnation: number;
  /** Calls that have not begun, as submitted. */
  waiting: SequentialTask[];
  begun: Set<SequentialTask>;
  /** The refs of the actor's creation, for as long as the actor lives. */
  held: ObjectRef[];
}

interface Death {
  reason: string;
  cause: Error | null;
}

/** The dead that are remembered, to say why. */
const rememberedDead = 1000;

export interface ActorsHost {
  emit(event: TraceEvent): void;
  /** Ends the task with that error, whether it runs or not. */
  fail(task: SequentialTask, error: Error): void;
  /** Runs the task (again) when its turn comes. */
  again(task: SequentialTask): void;
}

/** The row of the timeline on which actors of this backend are drawn. */
type Lane = Extract<TraceEvent, {kind: "actor-placed"}>["worker"];

export class SequentialActors {
  readonly #living = new Map<ActorId, LivingActor>();
  readonly #names = new Map<string, ActorId>();
  readonly #dead = new Recent<ActorId, Death>(rememberedDead);
  readonly #host: ActorsHost;
  readonly #lane: Lane;

  constructor(host: ActorsHost, lane: Lane) {
    this.#host = host;
    this.#lane = lane;
  }

  /** A task that was submitted: it makes an actor or calls one. */
  add(task: SequentialTask, part: ActorPart): void {
    if (part.kind === "creation") this.#declare(task, part);
    else this.#enqueue(task, part.actor);
  }

  #declare(creation: SequentialTask, options: Creation): void {
    const {actor: id, face, name} = options;
    const actor: LivingActor = {
      id,
      face,
      options,
      creation,
      instance: null,
      arrivals: new Arrivals(),
      incarnation: 0,
      waiting: [],
      begun: new Set(),
      held: creation.held,
    };
    this.#living.set(id, actor);
    if (name === null) return;
    const other = this.#living.get(this.#names.get(name)!);
    if (other === undefined) this.#names.set(name, id);
    else {
      const taken = `the name "${name}" is taken by ${shown(other)}; get it with getActor("${name}")`;
      this.#end(actor, {reason: taken, cause: null}, ActorDiedError);
    }
  }

  #enqueue(call: SequentialTask, id: ActorId): void {
    // It lives until the call has ended.
    call.held.push(new ObjectRef(holdOf(id)));
    const actor = this.#living.get(id);
    if (actor !== undefined) actor.waiting.push(call);
    else this.#host.fail(call, died(call, this.#dead.get(id) ?? forgotten));
  }

  /** The task itself when it may begin, one that has to go first, or none now. */
  turnOf(task: SequentialTask): SequentialTask | undefined {
    if (task.call.actor?.kind !== "call") return task;
    const actor = this.#living.get(task.call.actor.actor);
    if (actor === undefined) return undefined;
    if (actor.instance === null) return actor.creation;
    return actor.begun.size < actor.options.maxConcurrency ? actor.waiting[0] : undefined;
  }

  /** Where its classes are, of a task that makes or calls an actor. */
  arrivalsOf({actor: part}: TaskCall): Arrivals | undefined {
    const actor = part && this.#living.get(part.actor);
    if (actor && part?.kind === "creation") actor.arrivals = new Arrivals();
    return actor?.arrivals;
  }

  /** The work of a task whose turn it is. */
  async begin(task: SequentialTask, part: ActorPart): Promise<Method> {
    const actor = this.#living.get(part.actor)!;
    if (part.kind === "call") {
      actor.waiting.shift();
      actor.begun.add(task);
      for (const piece of task.call.code.parts) if (isFilesPart(piece)) receiveFiles(piece);
      return (...args) => actor.instance![part.method]!(...args);
    }
    const {id, face, options} = actor;
    const incarnation = ++actor.incarnation;
    this.#host.emit({
      kind: "actor-placed",
      at: nowUs(),
      actor: id,
      worker: this.#lane,
      incarnation,
      className: face.className,
      name: options.name ?? "",
    });
    const cls = (await revive(task.call.code, actor.arrivals)) as unknown as new (
      ...args: unknown[]
    ) => never;
    return (...args) => {
      const instance: Record<string, Method> = new cls(...args);
      if (actor.incarnation === incarnation) actor.instance = instance;
    };
  }

  /** May others begin while this one awaits? */
  interleaves({call}: SequentialTask): boolean {
    const actor = call.actor && this.#living.get(call.actor.actor);
    return call.actor?.kind === "call" && (actor?.options.maxConcurrency ?? 1) > 1;
  }

  /** The task has ended. `error`: as frames, of what it threw. */
  ended(task: SequentialTask, part: ActorPart, error: Uint8Array[] | null): void {
    const actor = this.#living.get(part.actor);
    if (actor === undefined) return;
    if (part.kind === "creation") {
      if (error === null) return;
      const cause = decodeError(error);
      this.#end(actor, {reason: `it could not be made: ${cause.message}`, cause});
      return;
    }
    actor.begun.delete(task);
    const at = actor.waiting.indexOf(task);
    if (at !== -1) actor.waiting.splice(at, 1);
  }

  /** Lets a call run again, before the calls behind it. */
  again(task: SequentialTask, part: ActorPart): void {
    const actor = this.#living.get(part.actor);
    if (actor?.begun.delete(task)) actor.waiting.unshift(task);
  }

  find(name: string): {found: FoundActor | null; names: string[]} {
    const actor = this.#living.get(this.#names.get(name)!);
    return {
      found: actor === undefined ? null : {actor: actor.id, face: actor.face},
      names: [...this.#names.keys()],
    };
  }

  kill(id: ActorId, {restart}: {restart: boolean}): void {
    const actor = this.#living.get(id);
    if (actor === undefined) return;
    const {maxRestarts} = actor.options;
    if (restart && (maxRestarts === -1 || Math.max(actor.incarnation, 1) <= maxRestarts))
      this.#remake(actor);
    else this.#end(actor, {reason: "it was killed", cause: null});
  }

  /** Nobody holds it any more. */
  released(object: ObjectId): void {
    const id = actorHeldBy(object);
    const actor = id === null ? undefined : this.#living.get(id);
    if (actor?.options.detached === false)
      this.#end(actor, {reason: "nobody held it any more", cause: null});
  }

  close(): void {
    const reason = "the backend was closed";
    for (const actor of [...this.#living.values()]) this.#end(actor, {reason, cause: null});
  }

  #remake(actor: LivingActor): void {
    const {creation} = actor;
    const lost = [...actor.begun];
    actor.begun.clear();
    actor.instance = null;
    if (creation.state !== "pending") this.#host.again(creation);
    const kept = lost.filter(
      ({attempt, call: {options}}) => options.maxRetries === -1 || attempt < options.maxRetries,
    );
    actor.waiting.unshift(...kept);
    for (const call of lost) {
      if (kept.includes(call)) this.#host.again(call);
      else {
        const words = `\`${call.call.fn}\` was under way when ${shown(actor)} was killed; it is made anew`;
        this.#host.fail(call, new ActorUnavailableError(words));
      }
    }
  }

  /** `Unmade`: what ends the making of one that is not made yet. */
  #end(actor: LivingActor, death: Death, Unmade = TaskCancelledError): void {
    const {id, creation, options, begun, waiting} = actor;
    this.#living.delete(id);
    if (this.#names.get(options.name!) === id) this.#names.delete(options.name!);
    const {className} = actor.face;
    const reason = `\`${className}\` is dead: ${death.reason}`;
    this.#dead.set(id, {...death, reason});
    this.#host.emit({kind: "actor-ended", at: nowUs(), actor: id, reason: death.reason});
    const calls = [...begun, ...waiting];
    this.#host.fail(creation, new Unmade(reason));
    for (const call of calls) this.#host.fail(call, died(call, {...death, reason}));
    for (const ref of actor.held) ref.release();
  }
}

const forgotten: Death = {
  reason: "the actor is not known in this process; it was made before a restart, make it again",
  cause: null,
};

function died({call}: SequentialTask, {reason, cause}: Death): ActorDiedError {
  return new ActorDiedError(`\`${call.fn}\` can't run: ${reason}`, cause === null ? {} : {cause});
}

/** As its handle shows itself. */
function shown({id, face}: LivingActor): string {
  return `Actor(${face.className} ${id.slice(0, 8)})`;
}
