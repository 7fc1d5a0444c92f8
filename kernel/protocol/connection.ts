// The connection file: where the client expects the kernel's five sockets.

import {readFileSync} from "node:fs";

export const channels = ["shell", "control", "stdin", "iopub", "hb"] as const;
export type Channel = (typeof channels)[number];

export interface Connection {
  endpoints: Record<Channel, string>;
  key: string;
  signatureScheme: string;
  /** CURVE keys, when the client asks for encrypted sockets. */
  curve: {publicKey: string; secretKey: string} | null;
}

export function readConnection(file: string): Connection {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`cannot read the connection file ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return parseConnection(fields);
}

export function parseConnection(fields: Record<string, unknown>): Connection {
  const transport = text(fields, "transport", "tcp");
  if (transport !== "tcp" && transport !== "ipc")
    throw new Error(
      `unknown transport in the connection file: ${transport}; tcp and ipc are known`,
    );
  const ip = text(fields, "ip", "127.0.0.1");
  const endpoint = (channel: Channel): string => {
    const port = fields[`${channel}_port`];
    if (typeof port !== "number" || !Number.isInteger(port) || port < 0 || port > 65535)
      throw new Error(`the connection file has no valid ${channel}_port: ${JSON.stringify(port)}`);
    // With ipc the "port" is a suffix of the socket file's name, as in jupyter_client.
    return transport === "tcp" ? `tcp://${ip}:${port}` : `ipc://${ip}-${port}`;
  };
  const publicKey = text(fields, "curve_publickey", "");
  const secretKey = text(fields, "curve_secretkey", "");
  return {
    endpoints: {
      shell: endpoint("shell"),
      control: endpoint("control"),
      stdin: endpoint("stdin"),
      iopub: endpoint("iopub"),
      hb: endpoint("hb"),
    },
    key: text(fields, "key", ""),
    signatureScheme: text(fields, "signature_scheme", "hmac-sha256"),
    curve: publicKey && secretKey ? {publicKey, secretKey} : null,
  };
}

function text(fields: Record<string, unknown>, name: string, otherwise: string): string {
  const value = fields[name] ?? otherwise;
  if (typeof value !== "string")
    throw new Error(`the connection file's ${name} is not a string: ${JSON.stringify(value)}`);
  return value;
}
