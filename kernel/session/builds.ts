// tslab's builds of the cell's program, made cheaper: it builds each cell twice, the first time to learn
// which names the cell declares, and emits JavaScript of the cell and of every local file it imports.
// We know the names beforehand and need the cell's declarations only.

import type * as TypeScript from "typescript";

export type Builder = TypeScript.EmitAndSemanticDiagnosticsBuilderProgram;

const cellName = "/__tslab__.ts";

export class Builds {
  current: Builder | undefined;
  /** The next look at the cell's names finds none: they are exported already. */
  hideLocals = false;

  next(builder: Builder): Builder {
    this.current = builder;
    return Object.assign(Object.create(builder) as Builder, {
      getSourceFile: (name: string) => {
        const file = builder.getSourceFile(name);
        if (this.hideLocals && file?.fileName.endsWith(cellName)) {
          this.hideLocals = false;
          hideOnce(file as {locals?: unknown});
        }
        return file;
      },
      getAllDependencies: (file: TypeScript.SourceFile) => [file.fileName],
      emit: (
        file: TypeScript.SourceFile | undefined,
        write: TypeScript.WriteFileCallback | undefined,
        cancellation: TypeScript.CancellationToken | undefined,
        _declarationsOnly: boolean | undefined,
        transformers: TypeScript.CustomTransformers | undefined,
      ) => {
        write?.("outDir/__tslab__.js", "", false);
        return builder.emit(file, write, cancellation, true, transformers);
      },
    });
  }
}

function hideOnce(file: {locals?: unknown}): void {
  const value = file.locals;
  const shown = {value, writable: true, configurable: true, enumerable: true};
  Object.defineProperty(file, "locals", {
    configurable: true,
    get() {
      Object.defineProperty(file, "locals", shown);
      return undefined;
    },
  });
}
