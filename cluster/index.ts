// The library: everything that a cell or a plain program imports from "tasklab".

import {makeHandle} from "./api/actors.js";
import {ambient} from "./context/context.js";
import * as library from "./index.js";
import {libraryExports, librarySpecifier, maybeLibraryName, setLibrary} from "./api/library.js";
import type {RemoteOptions} from "./api/options.js";
import {remote} from "./api/remote.js";
import {setShippingHost} from "./shipping/names/host.js";
import {describePackageFile} from "./shipping/modules/package-files.js";
import {describePackaged} from "./shipping/modules/package-names.js";
import {processRealm} from "./shipping/names/realm.js";

export {remote};
export type {Argument} from "./api/arguments.js";
export type {GenericRemoteFunction, Remote, RemoteFunction} from "./api/remote.js";
export {getActor, kill} from "./api/actors.js";
export type {
  AbstractClassesHaveNoInstances,
  ActorClass,
  ActorHandle,
  ActorMethod,
} from "./api/actors.js";
export type {ActorClassOptions, CallOptions} from "./api/actor-options.js";
export {cancel, get, put} from "./api/objects.js";
export type {ValueOf} from "./api/objects.js";
export {wait} from "./api/waiting.js";
export {ObjectRef} from "./api/object-ref.js";
export {taskContext} from "./context/task-context.js";
export type {CurrentTask} from "./context/task-life.js";
export {clearOutput, display} from "./show/show.js";
export type {Display, DisplayOptions} from "./show/show.js";
export {displaySymbol, Rich} from "./show/displayable.js";
export type {Displayable, MimeBundle} from "./show/displayable.js";
export {html, json, latex, markdown, plotly, svg, vegalite} from "./show/rich.js";
export type {JsonOptions, PlotlyFigure} from "./show/rich.js";
export {image} from "./show/image.js";
export type {ImageOptions} from "./show/image.js";
export {createDocument} from "./show/document.js";
export type {VirtualDocument} from "./show/document.js";
export type {ErrorClass} from "./api/options.js";
export type {RemoteOptions};
export {cluster} from "./api/embedded.js";
export type {ClusterOptions} from "./api/embedded.js";
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
export {onUnfetchedError} from "./api/unfetched.js";
export type {UnfetchedError} from "./api/unfetched.js";

// A kernel or a worker replaces these ways to find modules by its own.
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
