// What a cell or a plain program imports from "tasklab".

import {makeHandle} from "./actors.js";
import {ambient} from "./context.js";
import * as library from "./index.js";
import {libraryExports, librarySpecifier, maybeLibraryName, setLibrary} from "./library.js";
import type {RemoteOptions} from "./options.js";
import {remote} from "./remote.js";
import {setShippingHost} from "./shipping/host.js";
import {describePackageFile} from "./shipping/package-files.js";
import {describePackaged} from "./shipping/package-names.js";
import {processRealm} from "./shipping/realm.js";

export {remote};
export type {Argument, GenericRemoteFunction, Remote, RemoteFunction} from "./remote.js";
export {getActor, kill} from "./actors.js";
export type {
  AbstractClassesHaveNoInstances,
  ActorClass,
  ActorHandle,
  ActorMethod,
} from "./actors.js";
export type {ActorClassOptions, CallOptions} from "./actor-options.js";
export {cancel, get, put} from "./objects.js";
export type {ValueOf} from "./objects.js";
export {wait} from "./waiting.js";
export {ObjectRef} from "./object-ref.js";
export {taskContext} from "./task-life.js";
export type {CurrentTask} from "./task-life.js";
export {clearOutput, display} from "./show.js";
export type {Display, DisplayOptions} from "./show.js";
export {displaySymbol, Rich} from "./displayable.js";
export type {Displayable, MimeBundle} from "./displayable.js";
export {html, json, latex, markdown, plotly, svg, vegalite} from "./rich.js";
export type {JsonOptions, PlotlyFigure} from "./rich.js";
export {image} from "./image.js";
export type {ImageOptions} from "./image.js";
export {createDocument} from "./document.js";
export type {VirtualDocument} from "./document.js";
export type {ErrorClass} from "./options.js";
export type {RemoteOptions};
export {cluster} from "./embedded.js";
export type {ClusterOptions} from "./embedded.js";
export {
  ActorDiedError,
  ActorUnavailableError,
  CannotShipError,
  ClusterError,
  ClusterStoppedError,
  DisplayError,
  GetTimeoutError,
  LeftBehind,
  MissingModuleError,
  ObjectLostError,
  ObjectStoreFullError,
  SetupError,
  TaskCancelledError,
  TaskError,
  TaskUnschedulableError,
  UsageError,
  WorkerCrashedError,
} from "./errors.js";
export type {TaskPlace} from "./errors.js";
export {onUnfetchedError} from "./unfetched.js";
export type {UnfetchedError} from "./unfetched.js";

// A kernel or a worker replaces the ways to modules by its own.
setLibrary(library);
setShippingHost({
  describe: (value) =>
    maybeLibraryName(value) ?? describePackaged(value) ?? describePackageFile(value),
  import: async (specifier) =>
    specifier === librarySpecifier
      ? libraryExports()
      : ((await import(specifier)) as Record<string, unknown>),
  remote: (fn, options) => remote(options as RemoteOptions, fn),
  actor: makeHandle,
  realm: () => ambient().arrivals?.realm ?? processRealm,
});
